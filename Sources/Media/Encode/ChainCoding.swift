import CFFmpeg

/// Codes pictures of one size and decodes them, as often in a row as a recompression says, and gives all of them back in
/// order.
final class ChainCoding {
  private let steps: [Recompression]
  private let framesPerSecond: Double
  private let converters: [PlanarConverter]
  /// One for each step that has met a picture.
  private var codings: [GroupCoding] = []
  /// Numbers of pictures with which groups begin.
  private var starts: Set<Int64> = []
  /// Pictures that came, which is the number of the next one.
  private(set) var count: Int64 = 0

  init(_ recompression: Recompression, framesPerSecond: Double) {
    steps = recompression.steps
    self.framesPerSecond = framesPerSecond
    converters = steps.map { _ in PlanarConverter() }
  }

  /// - Parameters:
  ///   - picture: the next one in order of presentation.
  ///   - beginsGroup: nothing behind it is predicted from what is before it.
  ///   - deliver: takes pictures that are done, with their numbers.
  /// - Throws: what `deliver` throws; `MediaError.unsupported` when pictures change their size or an encoder is missing.
  func code(
    _ picture: UnsafeMutablePointer<AVFrame>, beginsGroup: Bool,
    _ deliver: (UnsafeMutablePointer<AVFrame>, Int64) throws -> Void
  ) throws {
    if beginsGroup { starts.insert(count) }
    let number = count
    count += 1
    try code(picture, number, step: 0, deliver)
  }

  /// Gives back what the coders still hold.
  func finish(_ deliver: (UnsafeMutablePointer<AVFrame>, Int64) throws -> Void) throws {
    // What one holds back may be the first that the next one meets.
    var step = 0
    while step < codings.count {
      try codings[step].finish { decoded, number in try passOn(decoded, number, from: step, deliver) }
      step += 1
    }
  }

  private func code(
    _ picture: UnsafeMutablePointer<AVFrame>, _ number: Int64, step: Int,
    _ deliver: (UnsafeMutablePointer<AVFrame>, Int64) throws -> Void
  ) throws {
    let factor = steps[step].isHalfSize ? 4 : 2
    // Even sides, as almost all footage has.
    let planar = try converters[step].planar(
      picture, width: max(16, Int(picture.pointee.width) / factor * 2),
      height: max(16, Int(picture.pointee.height) / factor * 2))
    if codings.count == step {
      codings.append(try GroupCoding(like: planar, steps[step], framesPerSecond: framesPerSecond))
    }
    try codings[step].code(planar, number, beginsGroup: starts.contains(number)) { decoded, number in
      try passOn(decoded, number, from: step, deliver)
    }
  }

  private func passOn(
    _ decoded: UnsafeMutablePointer<AVFrame>, _ number: Int64, from step: Int,
    _ deliver: (UnsafeMutablePointer<AVFrame>, Int64) throws -> Void
  ) throws {
    if step + 1 < steps.count {
      try code(decoded, number, step: step + 1, deliver)
    } else {
      try deliver(decoded, number)
    }
  }
}

/// Codes groups of pictures once and gives them back.
private final class GroupCoding {
  private var encoder: VideoEncoder
  private var decoder: CodedVideoDecoder
  private let packet: Packet
  private let decoded: PictureBuffer

  init(like first: FrameReference, _ way: Recompression, framesPerSecond: Double) throws(MediaError) {
    let frame = first.raw.pointee
    let rate = CInt((min(max(framesPerSecond, 1), 1000) * 1000).rounded())
    let encoder = try VideoEncoder(
      codec: way.codec, width: Int(frame.width), height: Int(frame.height), format: AVPixelFormat(frame.format),
      timeBase: AVRational(num: 1000, den: rate),
      options: ["preset": "veryfast", "crf": "\(way.crf)", "forced-idr": "1"]
    ) { context in
      context.pointee.color_range = frame.color_range
      context.pointee.colorspace = frame.colorspace
      context.pointee.color_trc = frame.color_trc
      context.pointee.color_primaries = frame.color_primaries
      context.pointee.chroma_sample_location = frame.chroma_location
      // Key frames where groups begin, and nowhere else.
      context.pointee.gop_size = 1000
    }
    let decoder = try CodedVideoDecoder(headersOf: encoder)
    let packet = try Packet()
    let decoded = try PictureBuffer()
    self.encoder = encoder
    self.decoder = decoder
    self.packet = packet
    self.decoded = decoded
  }

  func code(
    _ picture: FrameReference, _ number: Int64, beginsGroup: Bool,
    _ deliver: (UnsafeMutablePointer<AVFrame>, Int64) throws -> Void
  ) throws {
    guard encoder.context.pointee.width == picture.raw.pointee.width,
      encoder.context.pointee.height == picture.raw.pointee.height
    else { throw MediaError.unsupported(what: "coding a video whose size changes") }
    picture.raw.pointee.pts = number
    picture.raw.pointee.pict_type = beginsGroup ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    try encoder.send(picture.raw)
    try drain(deliver)
  }

  func finish(_ deliver: (UnsafeMutablePointer<AVFrame>, Int64) throws -> Void) throws {
    try encoder.send(nil)
    try drain(deliver)
    decoder.sendEnd()
    try receive(deliver)
  }

  private func drain(_ deliver: (UnsafeMutablePointer<AVFrame>, Int64) throws -> Void) throws {
    while try encoder.receive(into: packet) {
      try decoder.send(packet)
      try receive(deliver)
    }
  }

  private func receive(_ deliver: (UnsafeMutablePointer<AVFrame>, Int64) throws -> Void) throws {
    while try decoder.receive(into: decoded) { try deliver(decoded.raw, decoded.raw.pointee.pts) }
  }
}
