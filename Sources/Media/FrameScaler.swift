import CFFmpeg
import Imaging
import Synchronization

/// Converts parts of decoded frames to RGB through libswscale, keeping the contexts for sizes that come again.
final class FrameScaler: @unchecked Sendable {
  enum Quality { case quick, exact }

  private struct Key: Hashable {
    var format: Int32
    var width: Int
    var height: Int
    var targetWidth: Int
    var targetHeight: Int
    var matrix: Int32
    var isFullRange: Bool
    var flags: Int32
  }

  /// Contexts kept at most; a context of a thumbnail is used for every frame, those of faces change all the time.
  private static let mostContexts = 16
  static let shared = FrameScaler()

  // Guarded by `lock`: a decoder process has one thread, tests have several.
  private let lock = Mutex<Void>(())
  private var contexts: [Key: OpaquePointer] = [:]
  private var order: [Key] = []

  /// Pixels between two colour samples, across and down.
  static func grid(of frame: UnsafeMutablePointer<AVFrame>) -> (Int, Int) {
    guard let format = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format)) else { return (1, 1) }
    return (1 << Int(format.pointee.log2_chroma_w), 1 << Int(format.pointee.log2_chroma_h))
  }

  /// - Parameters:
  ///   - source: coded pixels; its left top corner lies on the colour grid.
  ///   - width: columns of the result.
  ///   - height: rows of the result.
  func render(
    _ frame: UnsafeMutablePointer<AVFrame>, _ source: PixelRectangle, width: Int, height: Int, quality: Quality
  ) throws(MediaError) -> Frame {
    let flags =
      switch quality {
      case .quick: Int32(SWS_AREA)
      case .exact: Int32(SWS_BICUBIC) | Int32(SWS_ACCURATE_RND) | Int32(SWS_FULL_CHR_H_INT) | Int32(SWS_BITEXACT)
      }
    let key = Key(
      format: frame.pointee.format, width: source.width, height: source.height, targetWidth: width,
      targetHeight: height, matrix: Self.matrix(of: frame), isFullRange: frame.pointee.color_range == AVCOL_RANGE_JPEG,
      flags: flags)
    return try lock.withLock { _ throws(MediaError) in
      try convert(frame, source, with: try context(key), width: width, height: height)
    }
  }

  private func convert(
    _ frame: UnsafeMutablePointer<AVFrame>, _ source: PixelRectangle, with context: OpaquePointer, width: Int,
    height: Int
  ) throws(MediaError) -> Frame {
    var planes: [UnsafePointer<UInt8>?] = [nil, nil, nil, nil]
    var lines: [CInt] = [0, 0, 0, 0]
    shim_planes_at(frame, CInt(source.x), CInt(source.y), &planes, &lines)
    // swscale writes rows in wide steps: each gets room behind its end.
    let line = (width * 3 + 63) & ~31
    var rows = 0 as CInt
    let padded = [UInt8](unsafeUninitializedCapacity: line * height + 64) { target, count in
      var targets: [UnsafeMutablePointer<UInt8>?] = [target.baseAddress, nil, nil, nil]
      var targetLines: [CInt] = [CInt(line), 0, 0, 0]
      rows = sws_scale(context, planes, lines, 0, CInt(source.height), &targets, &targetLines)
      count = line * height
    }
    guard rows == CInt(height) else { throw .ffmpeg(call: "sws_scale", code: rows) }
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
      padded.withUnsafeBufferPointer { bytes in
        for y in 0..<height {
          (target.baseAddress! + y * width * 3).update(from: bytes.baseAddress! + y * line, count: width * 3)
        }
      }
      count = width * height * 3
    }
    return Frame(width: width, height: height, pixels: pixels)
  }

  private func context(_ key: Key) throws(MediaError) -> OpaquePointer {
    if let context = contexts[key] { return context }
    if order.count == Self.mostContexts { sws_freeContext(contexts.removeValue(forKey: order.removeFirst())) }
    guard
      let context = sws_getContext(
        CInt(key.width), CInt(key.height), AVPixelFormat(key.format), CInt(key.targetWidth), CInt(key.targetHeight),
        AV_PIX_FMT_RGB24, key.flags, nil, nil, nil)
    else { throw .unsupported(what: "the pixel format of the frames") }
    let coefficients = sws_getCoefficients(key.matrix)
    // Brightness 0, contrast and saturation 1 in 16.16; RGB has the full range.
    sws_setColorspaceDetails(
      context, coefficients, key.isFullRange ? 1 : 0, coefficients, 1, 0, 1 << 16, 1 << 16)
    contexts[key] = context
    order.append(key)
    return context
  }

  /// The colour matrix that the frame declares; without one that of BT.709 from 720 lines on, else BT.601, as players do.
  private static func matrix(of frame: UnsafeMutablePointer<AVFrame>) -> Int32 {
    switch frame.pointee.colorspace {
    case AVCOL_SPC_BT709: SWS_CS_ITU709
    case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: SWS_CS_ITU601
    case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
    case AVCOL_SPC_FCC: SWS_CS_FCC
    case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
    default: min(frame.pointee.width, frame.pointee.height) >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601
    }
  }
}
