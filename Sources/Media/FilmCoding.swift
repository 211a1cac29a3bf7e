import CFFmpeg
import Imaging

/// Codes the pictures of one film and decodes them again, to write the packets and to see what has become of the
/// pictures.
///
/// Holds as many originals as the encoder holds pictures back, about 50.
struct FilmCoding: ~Copyable {
  private(set) var encoder: FilmEncoder
  private var decoder: FilmDecoder
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
    let encoder = try FilmEncoder(
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
    let decoder = try FilmDecoder(headersOf: encoder)
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
