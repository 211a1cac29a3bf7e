import CFFmpeg
public import Imaging

/// Codes pictures of one size as an MP4 file with H.264 that browsers play; the same pictures give the same bytes (but that
/// libx264 was once seen to code pictures of 64×48 in two ways).
public struct MP4ClipWriter: ~Copyable {
  /// The file so far.
  private final class Contents {
    var bytes: [UInt8] = []

    func write(_ part: [UInt8], at position: Int) {
      let end = position + part.count
      if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
      bytes.replaceSubrange(position..<end, with: part)
    }
  }

  public let width: Int
  public let height: Int
  private var encoder: VideoEncoder
  private var writer: MP4Writer
  private let stream: CInt
  private let contents: Contents
  private let converter = PlanarConverter()
  private let picture: PictureBuffer
  private let packet: Packet
  private var lastMilliseconds: Int64 = -1
  private static let timeBase = AVRational(num: 1, den: 1000)

  /// - Parameters:
  ///   - crf: constant rate factor of libx264, 0…51.
  ///   - comment: what the container says of itself.
  /// - Precondition: both sides are even and at least 16.
  public init(width: Int, height: Int, crf: Int, framesPerSecond: Double, comment: String) throws {
    precondition(width >= 16 && height >= 16 && width % 2 == 0 && height % 2 == 0, "cannot code \(width)×\(height)")
    av_log_set_level(AV_LOG_QUIET)
    let rate = CInt((min(max(framesPerSecond, 1), 240) * 1000).rounded())
    let encoder = try VideoEncoder(
      width: width, height: height, timeBase: Self.timeBase, options: ["crf": "\(crf)", "preset": "veryfast"]
    ) { context in
      context.pointee.framerate = AVRational(num: rate, den: 1000)
      context.pointee.color_range = AVCOL_RANGE_MPEG
      context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
    }
    let contents = Contents()
    var writer = try MP4Writer(
      try OutputSink { bytes, position in contents.write(bytes, at: Int(position)) }, startMicroseconds: 0)
    writer.setMetadata(nil, comment: comment)
    let stream = try writer.addVideo(encoder)
    try writer.begin()
    let picture = try PictureBuffer()
    let packet = try Packet()
    (self.width, self.height) = (width, height)
    self.encoder = encoder
    self.writer = writer
    self.stream = stream
    self.contents = contents
    self.picture = picture
    self.packet = packet
  }

  /// - Parameter milliseconds: when the picture is shown, from the clip's start; later than the one before.
  /// - Precondition: the picture has the clip's size.
  public mutating func append(_ frame: Frame, milliseconds: Int) throws {
    precondition(frame.width == width && frame.height == height, "\(frame.width)×\(frame.height) in another clip")
    av_frame_unref(picture.raw)
    let code = copy(frame, into: picture)
    guard code >= 0 else { throw MediaError.ffmpeg(call: "av_frame_get_buffer", code: code) }
    let planar = try converter.planar(picture.raw)
    lastMilliseconds = max(Int64(milliseconds), lastMilliseconds + 1)
    planar.raw.pointee.pts = lastMilliseconds
    try encoder.send(planar.raw)
    try drain()
  }

  /// The whole file.
  public consuming func finish() throws -> [UInt8] {
    try encoder.send(nil)
    try drain()
    try writer.finish()
    return contents.bytes
  }

  private mutating func drain() throws {
    while try encoder.receive(into: packet) { try writer.write(packet, to: stream, timeBase: Self.timeBase) }
  }
}
