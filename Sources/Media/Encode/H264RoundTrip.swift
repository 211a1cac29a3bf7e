import CFFmpeg
public import Imaging

/// Compresses pictures with libx264 and decodes them again, each as a key frame of its own.
///
/// At a constant quantiser every picture is coded by itself alone: the same picture always comes back the same. Colour at
/// half resolution wants even sides; the last row or column of an odd picture is coded twice. Owns an encoder and a decoder for one size and quantiser; used by one thread at a time.
public struct H264RoundTrip: ~Copyable {
  public let width: Int
  public let height: Int
  /// Sides of what is coded.
  private let codedWidth: Int
  private let codedHeight: Int
  /// 0 (lossless) to 51 (coarsest); about what x264's CRF of the same number uses on average.
  public let quantiser: Int
  private var encoder: VideoEncoder
  private var decoder: CodedVideoDecoder
  private let toYUV: OpaquePointer
  private let toRGB: OpaquePointer
  private let planes: PictureBuffer
  private let decoded: PictureBuffer
  private let packet: Packet

  /// - Precondition: both sides are at least 16, the quantiser lies in 0…51.
  /// - Throws: `MediaError.unsupported` when this FFmpeg lacks libx264.
  public init(width: Int, height: Int, quantiser: Int) throws(MediaError) {
    precondition(width >= 16 && height >= 16, "cannot code \(width)×\(height)")
    precondition((0...51).contains(quantiser), "there is no quantiser \(quantiser)")
    av_log_set_level(AV_LOG_QUIET)
    let planes = try PictureBuffer()
    let decoded = try PictureBuffer()
    let packet = try Packet()
    let (codedWidth, codedHeight) = (width + width % 2, height + height % 2)
    try Self.makeRoom(codedWidth, codedHeight, planes)
    let encoder = try VideoEncoder(
      width: codedWidth, height: codedHeight, timeBase: AVRational(num: 1, den: 25),
      options: ["preset": "veryfast", "tune": "zerolatency", "qp": "\(quantiser)"]
    ) { context in
      context.pointee.gop_size = 1
      context.pointee.max_b_frames = 0
    }
    let decoder = try CodedVideoDecoder(isImmediate: true, headersOf: encoder)
    let scalers = try Self.openScalers(codedWidth, codedHeight)
    (self.width, self.height, self.quantiser) = (width, height, quantiser)
    (self.codedWidth, self.codedHeight) = (codedWidth, codedHeight)
    self.encoder = encoder
    self.decoder = decoder
    (toYUV, toRGB) = scalers
    self.planes = planes
    self.decoded = decoded
    self.packet = packet
  }

  deinit {
    sws_freeContext(toYUV)
    sws_freeContext(toRGB)
  }

  /// The picture as it comes back.
  ///
  /// - Precondition: it has the size that this was made for.
  public mutating func apply(to picture: Frame) throws(MediaError) -> Frame {
    precondition(
      picture.width == width && picture.height == height,
      "a picture of \(picture.width)×\(picture.height) for a coder of \(width)×\(height)")
    try fill(from: picture.extended(width: codedWidth, height: codedHeight))
    try code()
    return try read().cut(width: width, height: height)
  }

  private func fill(from picture: Frame) throws(MediaError) {
    var code = av_frame_make_writable(planes.raw)
    if code >= 0 {
      code = picture.pixels.withUnsafeBufferPointer { pixels in
        let sources: [UnsafePointer<UInt8>?] = [pixels.baseAddress, nil, nil, nil]
        let lines: [CInt] = [CInt(codedWidth * 3), 0, 0, 0]
        return withUnsafeBytes(of: &planes.raw.pointee.data) { data in
          withUnsafeBytes(of: &planes.raw.pointee.linesize) { sizes in
            sws_scale(
              toYUV, sources, lines, 0, CInt(codedHeight),
              data.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self).baseAddress,
              sizes.assumingMemoryBound(to: CInt.self).baseAddress)
          }
        }
      }
    }
    guard code >= 0 else { throw .ffmpeg(call: "sws_scale", code: code) }
    planes.raw.pointee.pict_type = AV_PICTURE_TYPE_I
    planes.raw.pointee.pts += 1
  }

  private mutating func code() throws(MediaError) {
    try encoder.send(planes.raw)
    guard try encoder.receive(into: packet) else { throw .ffmpeg(call: "libx264", code: shim_again()) }
    defer { av_packet_unref(packet.raw) }
    try decoder.send(packet)
    guard try decoder.receive(into: decoded) else { throw .ffmpeg(call: "decoding H.264", code: shim_again()) }
  }

  private func read() throws(MediaError) -> Frame {
    var pixels = [UInt8](repeating: 0, count: codedWidth * codedHeight * 3)
    let code = pixels.withUnsafeMutableBufferPointer { pixels in
      var targets: [UnsafeMutablePointer<UInt8>?] = [pixels.baseAddress, nil, nil, nil]
      let lines: [CInt] = [CInt(codedWidth * 3), 0, 0, 0]
      var sources: [UnsafePointer<UInt8>?] = [nil, nil, nil, nil]
      var sizes: [CInt] = [0, 0, 0, 0]
      shim_planes_at(decoded.raw, 0, 0, -1, &sources, &sizes)
      return sws_scale(toRGB, sources, sizes, 0, CInt(codedHeight), &targets, lines)
    }
    guard code >= 0 else { throw .ffmpeg(call: "sws_scale", code: code) }
    return Frame(width: codedWidth, height: codedHeight, pixels: pixels)
  }
}

// MARK: - Opening

extension H264RoundTrip {
  private static func makeRoom(
    _ width: Int, _ height: Int, _ planes: borrowing PictureBuffer
  ) throws(MediaError) {
    planes.raw.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    (planes.raw.pointee.width, planes.raw.pointee.height) = (CInt(width), CInt(height))
    let code = av_frame_get_buffer(planes.raw, 0)
    guard code >= 0 else { throw .ffmpeg(call: "av_frame_get_buffer", code: code) }
  }

  private static func openScalers(
    _ width: Int, _ height: Int
  ) throws(MediaError) -> (toYUV: OpaquePointer, toRGB: OpaquePointer) {
    func scaler(_ from: AVPixelFormat, _ to: AVPixelFormat) -> OpaquePointer? {
      sws_getContext(
        CInt(width), CInt(height), from, CInt(width), CInt(height), to,
        SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT, nil, nil, nil)
    }
    let (toYUV, toRGB) = (scaler(AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P), scaler(AV_PIX_FMT_YUV420P, AV_PIX_FMT_RGB24))
    guard let toYUV, let toRGB else {
      sws_freeContext(toYUV)
      sws_freeContext(toRGB)
      throw .ffmpeg(call: "sws_getContext", code: shim_out_of_memory())
    }
    return (toYUV, toRGB)
  }
}
