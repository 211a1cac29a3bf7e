import CFFmpeg
public import Imaging

/// Codes the pictures of one video and decodes them again, to write the packets and to see what has become of the
/// pictures.
///
/// Holds as many originals as the encoder holds pictures back, about 50.
struct VideoCoding: ~Copyable {
  private(set) var encoder: VideoEncoder
  private var decoder: CodedVideoDecoder
  private let packet: Packet
  private let decoded: PictureBuffer
  private var originals: [Int64: FrameReference] = [:]
  /// Of the luma of all pictures that have come back, against the originals.
  private(set) var error = PictureError()

  /// - Parameters:
  ///   - first: decides size, format and colours.
  ///   - stream: decides the unit of times.
  init(
    like first: FrameReference, _ stream: UnsafeMutablePointer<AVStream>, options: [String: String]
  ) throws(MediaError) {
    let frame = first.raw.pointee
    let encoder = try VideoEncoder(
      width: Int(frame.width), height: Int(frame.height), format: AVPixelFormat(frame.format),
      timeBase: stream.pointee.time_base, options: options
    ) { context in
      context.pointee.framerate = stream.pointee.avg_frame_rate
      context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
      context.pointee.color_range = frame.color_range
      context.pointee.colorspace = frame.colorspace
      context.pointee.color_primaries = frame.color_primaries
      context.pointee.color_trc = frame.color_trc
      context.pointee.chroma_sample_location = frame.chroma_location
      context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
    }
    let decoder = try CodedVideoDecoder(headersOf: encoder)
    let packet = try Packet()
    let decoded = try PictureBuffer()
    self.encoder = encoder
    self.decoder = decoder
    self.packet = packet
    self.decoded = decoded
  }

  /// - Parameters:
  ///   - picture: the next one in order of presentation, its time set.
  ///   - original: what it is measured against.
  ///   - write: takes each packet that is ready.
  mutating func code(
    _ picture: FrameReference, original: FrameReference, write: (borrowing Packet) throws -> Void
  ) throws {
    guard encoder.context.pointee.width == picture.raw.pointee.width,
      encoder.context.pointee.height == picture.raw.pointee.height
    else { throw MediaError.unsupported(what: "writing a video whose size changes") }
    originals[picture.raw.pointee.pts] = original
    picture.raw.pointee.pict_type = AV_PICTURE_TYPE_NONE
    try encoder.send(picture.raw)
    try drain(write)
  }

  mutating func finish(write: (borrowing Packet) throws -> Void) throws {
    try encoder.send(nil)
    try drain(write)
    decoder.sendEnd()
    try measure()
  }

  private mutating func drain(_ write: (borrowing Packet) throws -> Void) throws {
    while try encoder.receive(into: packet) {
      try decoder.send(packet)
      try measure()
      try write(packet)
    }
  }

  private mutating func measure() throws {
    while try decoder.receive(into: decoded) {
      guard let original = originals.removeValue(forKey: decoded.raw.pointee.pts) else { continue }
      error.addLuma(of: try FrameReference(to: decoded.raw), insteadOf: original)
    }
  }
}

/// How videos are coded.
public enum VideoCodec: String, Sendable, Hashable, Codable, CaseIterable {
  case h264, h265

  /// As people write it.
  public var title: String { self == .h264 ? "H.264" : "H.265" }

  /// Whether the FFmpeg at hand can code it.
  public var isAvailable: Bool { avcodec_find_encoder_by_name(encoderName) != nil }

  var encoderName: String { self == .h264 ? "libx264" : "libx265" }

  /// What the encoder is always told: no threads of its own beside the one that it cannot do without, and no messages.
  var options: [String: String] {
    self == .h264 ? [:] : ["x265-params": "log-level=none:pools=none:frame-threads=1"]
  }
}

/// Pictures of one size as they come back from a video that was coded with them, one after another.
///
/// For our own pixels: nothing here reads a file.
///
/// - Parameters:
///   - pictures: in order; at least 16×16 pixels.
///   - recompression: how the video is coded; what has lost half of its size comes back at its old one.
/// - Returns: as many pictures of the same size.
/// - Throws: `MediaError.unsupported` when this FFmpeg lacks the encoder.
public func videoRoundTrip(
  of pictures: [Frame], _ recompression: Recompression, framesPerSecond: Double = 25
) throws -> [Frame] {
  av_log_set_level(AV_LOG_QUIET)
  let coding = ChainCoding(recompression, framesPerSecond: framesPerSecond)
  let colors = ColorConverter()
  let buffer = try PictureBuffer()
  var back: [Int64: Frame] = [:]
  func deliver(_ decoded: UnsafeMutablePointer<AVFrame>, _ number: Int64) throws {
    let picture = DecodedPicture(decoded, Orientation(), colors)
    back[number] = try picture.pixels(of: picture.bounds)
  }
  for (index, picture) in pictures.enumerated() {
    precondition(picture.width >= 16 && picture.height >= 16, "cannot code \(picture.width)×\(picture.height)")
    av_frame_unref(buffer.raw)
    let code = copy(picture, into: buffer)
    guard code >= 0 else { throw MediaError.ffmpeg(call: "av_frame_get_buffer", code: code) }
    try coding.code(buffer.raw, beginsGroup: index == 0, deliver)
  }
  try coding.finish(deliver)
  return try pictures.indices.map { index in
    guard let frame = back[Int64(index)] else { throw MediaError.truncated(what: "a picture did not come back") }
    return frame.resized(width: pictures[index].width, height: pictures[index].height)
  }
}
