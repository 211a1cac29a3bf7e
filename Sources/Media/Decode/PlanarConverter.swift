import CFFmpeg

/// Brings decoded frames into the form in which libx264 takes them: planes of 8 bits, colours at half resolution where
/// both sides are even.
///
/// Frames that have that form keep their pixels to the bit. Used by one thread.
final class PlanarConverter {
  private var scaler: OpaquePointer?

  deinit { sws_freeContext(scaler) }

  /// - Parameters:
  ///   - width, height: of the result; nil for the frame's own.
  /// - Returns: a reference of its own; its pixels may be shared until it is made writable.
  func planar(
    _ frame: UnsafeMutablePointer<AVFrame>, width: Int? = nil, height: Int? = nil
  ) throws(MediaError) -> FrameReference {
    let size = (width: width ?? Int(frame.pointee.width), height: height ?? Int(frame.pointee.height))
    let isEven = size.width % 2 == 0 && size.height % 2 == 0
    let wanted = isEven ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV444P
    let (own, isFullRange) = Self.planarFormat(frame)
    guard own != wanted || size.width != frame.pointee.width || size.height != frame.pointee.height else {
      let reference = try FrameReference(to: frame)
      reference.raw.pointee.format = wanted.rawValue
      if isFullRange { reference.raw.pointee.color_range = AVCOL_RANGE_JPEG }
      return reference
    }
    return try converted(frame, to: wanted, size, isFullRange: isFullRange)
  }

  /// The format without what it says of the range of levels, and what it says of that.
  private static func planarFormat(_ frame: UnsafeMutablePointer<AVFrame>) -> (AVPixelFormat, isFullRange: Bool) {
    let isFullRange = frame.pointee.color_range == AVCOL_RANGE_JPEG
    switch AVPixelFormat(frame.pointee.format) {
    case AV_PIX_FMT_YUVJ420P: return (AV_PIX_FMT_YUV420P, true)
    case AV_PIX_FMT_YUVJ444P: return (AV_PIX_FMT_YUV444P, true)
    case AV_PIX_FMT_YUVJ422P: return (AV_PIX_FMT_YUV422P, true)
    case let other: return (other, isFullRange)
    }
  }

  private func converted(
    _ frame: UnsafeMutablePointer<AVFrame>, to format: AVPixelFormat, _ size: (width: Int, height: Int),
    isFullRange: Bool
  ) throws(MediaError) -> FrameReference {
    let source = AVPixelFormat(frame.pointee.format)
    let isRGB = (av_pix_fmt_desc_get(source)?.pointee.flags ?? 0) & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
    scaler = sws_getCachedContext(
      scaler, frame.pointee.width, frame.pointee.height, source, CInt(size.width), CInt(size.height), format,
      SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT, nil, nil, nil)
    guard let scaler else { throw .unsupported(what: "the pixel format of the frames") }
    let matrix = sws_getCoefficients(ScalerSettings.matrix(of: frame))
    let range: CInt = isFullRange && !isRGB ? 1 : 0
    // Brightness 0, contrast and saturation 1 in 16.16. RGB always has all levels, and gets the usual fewer.
    sws_setColorspaceDetails(scaler, matrix, isRGB ? 1 : range, matrix, range, 0, 1 << 16, 1 << 16)
    let target = try FrameReference()
    var code = av_frame_copy_props(target.raw, frame)
    target.raw.pointee.format = format.rawValue
    (target.raw.pointee.width, target.raw.pointee.height) = (CInt(size.width), CInt(size.height))
    target.raw.pointee.color_range = range == 1 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
    if isRGB { target.raw.pointee.colorspace = AVCOL_SPC_UNSPECIFIED }
    if code >= 0 { code = av_frame_get_buffer(target.raw, 0) }
    if code >= 0 {
      var planes: [UnsafePointer<UInt8>?] = [nil, nil, nil, nil]
      var lines: [CInt] = [0, 0, 0, 0]
      shim_planes_at(frame, 0, 0, -1, &planes, &lines)
      code = withUnsafeBytes(of: &target.raw.pointee.data) { data in
        withUnsafeBytes(of: &target.raw.pointee.linesize) { sizes in
          sws_scale(
            scaler, planes, lines, 0, frame.pointee.height,
            data.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self).baseAddress,
            sizes.assumingMemoryBound(to: CInt.self).baseAddress)
        }
      }
    }
    guard code >= 0 else { throw .ffmpeg(call: "sws_scale", code: code) }
    return target
  }
}
