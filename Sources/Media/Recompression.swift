import CFFmpeg

/// A way in which a video may be coded once more before it is looked at.
public struct Recompression: Sendable, Hashable, Codable {
  /// Constant rate factor of libx264, 0…51.
  public var crf: Int
  /// Half as many pixels along both sides.
  public var isHalfSize: Bool

  public init(crf: Int, isHalfSize: Bool = false) {
    self.crf = crf
    self.isHalfSize = isHalfSize
  }
}

extension VideoReader {
  /// Samples frames as `sample` does, but, with a recompression, coded once more by libx264 (preset veryfast) and decoded.
  ///
  /// Of the whole video only the surroundings of each sampled frame are coded: it, 8 frames before it and 3 behind it,
  /// as a group of pictures of its own; groups that meet become one. A CRF fixes the coarseness of a picture by the
  /// picture and by the few next ones that refer to it, not by the rest of the file, and the sampled frame is predicted
  /// from others as most frames of a file are: so this comes close to coding the whole file again, at a cost that does
  /// not grow with the file. Memory holds what the encoder holds back: about 20 pictures.
  ///
  /// - Throws: what `body` throws; `MediaError.unsupported` when the pictures change their size or libx264 is missing.
  public func sample(
    _ count: Int, recompressed recompression: Recompression?,
    body: (borrowing DecodedPicture, SampledFrame) throws -> Void
  ) throws -> SampleReport {
    guard let recompression else { return try sample(count, body: body) }
    precondition(count >= 1, "cannot sample \(count) frames")
    let wanted = SamplePlan(survey.index, count: count, keyframesOnly: false).wanted
    let groups = FrameGroups(shown: survey.index.shownFrames(), around: wanted)
    let converter = PlanarConverter()
    let colors = ColorConverter()
    func deliver(_ decoded: UnsafeMutablePointer<AVFrame>, _ packet: Int, _ orientation: Orientation) throws {
      try body(DecodedPicture(decoded, orientation, colors), self.frame(at: packet))
    }
    var coding: GroupCoding?
    var delivered = 0
    var report = try decode(SamplePlan(survey.index, wanted: groups.frames), asked: count) { picture, packet in
      let frame = picture.frame
      let factor = recompression.isHalfSize ? 4 : 2
      // Even sides, as almost all footage has.
      let planar = try converter.planar(
        frame, width: max(16, Int(frame.pointee.width) / factor * 2),
        height: max(16, Int(frame.pointee.height) / factor * 2))
      if coding == nil {
        coding = try GroupCoding(like: planar, crf: recompression.crf, framesPerSecond: info.frameRate ?? 25)
      }
      delivered +=
        try coding?.code(
          planar, packet: packet, isWanted: groups.wanted.contains(packet), beginsGroup: groups.starts.contains(packet),
          orientation: picture.orientation, deliver) ?? 0
    }
    delivered += try coding?.finish(deliver) ?? 0
    report.decoded = delivered
    return report
  }
}

/// Sampled frames with their neighbours.
struct FrameGroups {
  /// Frames of a group before and behind the sampled one.
  static let before = 8
  static let behind = 3

  /// Packets in order of presentation.
  private(set) var frames: [Int] = []
  let wanted: Set<Int>
  /// Packets of the first frames of groups.
  private(set) var starts: Set<Int> = []

  /// - Parameters:
  ///   - shown: packets of all frames, in order of presentation.
  ///   - sampled: those of them that are looked at.
  init(shown: [Int], around sampled: [Int]) {
    wanted = Set(sampled)
    var end = -1
    for place in shown.indices where wanted.contains(shown[place]) {
      let first = max(place - Self.before, 0)
      // What follows a group at once goes on with it.
      if first > end { starts.insert(shown[first]) }
      let last = min(place + Self.behind, shown.count - 1)
      frames += shown[max(first, end)..<(last + 1)]
      end = last + 1
    }
  }
}

/// Codes groups of pictures and gives the wanted ones back.
private struct GroupCoding: ~Copyable {
  private var encoder: H264Encoder
  private var decoder: H264Decoder
  private let packet: Packet
  private let decoded: PictureBuffer
  private var count: Int64 = 0
  /// Wanted pictures that the coders hold, by their number.
  private var awaited: [Int64: (packet: Int, orientation: Orientation)] = [:]

  init(like first: FrameReference, crf: Int, framesPerSecond: Double) throws(MediaError) {
    let frame = first.raw.pointee
    let rate = CInt((min(max(framesPerSecond, 1), 1000) * 1000).rounded())
    let encoder = try H264Encoder(
      width: Int(frame.width), height: Int(frame.height), format: AVPixelFormat(frame.format),
      timeBase: AVRational(num: 1000, den: rate),
      options: ["preset": "veryfast", "crf": "\(crf)", "forced-idr": "1"]
    ) { context in
      context.pointee.color_range = frame.color_range
      context.pointee.colorspace = frame.colorspace
      context.pointee.chroma_sample_location = frame.chroma_location
      // Key frames where groups begin, and nowhere else.
      context.pointee.gop_size = 1000
    }
    let decoder = try H264Decoder(headersOf: encoder)
    let packet = try Packet()
    let decoded = try PictureBuffer()
    self.encoder = encoder
    self.decoder = decoder
    self.packet = packet
    self.decoded = decoded
  }

  /// - Returns: how many pictures were delivered.
  mutating func code(
    _ picture: FrameReference, packet number: Int, isWanted: Bool, beginsGroup: Bool, orientation: Orientation,
    _ deliver: (UnsafeMutablePointer<AVFrame>, Int, Orientation) throws -> Void
  ) throws -> Int {
    guard encoder.context.pointee.width == picture.raw.pointee.width,
      encoder.context.pointee.height == picture.raw.pointee.height
    else { throw MediaError.unsupported(what: "coding a video whose size changes") }
    picture.raw.pointee.pts = count
    picture.raw.pointee.pict_type = beginsGroup ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    if isWanted { awaited[count] = (number, orientation) }
    count += 1
    try encoder.send(picture.raw)
    return try drain(deliver)
  }

  mutating func finish(
    _ deliver: (UnsafeMutablePointer<AVFrame>, Int, Orientation) throws -> Void
  ) throws -> Int {
    try encoder.send(nil)
    let delivered = try drain(deliver)
    decoder.sendEnd()
    return try delivered + receive(deliver)
  }

  private mutating func drain(
    _ deliver: (UnsafeMutablePointer<AVFrame>, Int, Orientation) throws -> Void
  ) throws -> Int {
    var delivered = 0
    while try encoder.receive(into: packet) {
      try decoder.send(packet)
      delivered += try receive(deliver)
    }
    return delivered
  }

  private mutating func receive(
    _ deliver: (UnsafeMutablePointer<AVFrame>, Int, Orientation) throws -> Void
  ) throws -> Int {
    var delivered = 0
    while try decoder.receive(into: decoded) {
      guard let place = awaited.removeValue(forKey: decoded.raw.pointee.pts) else { continue }
      try deliver(decoded.raw, place.packet, place.orientation)
      delivered += 1
    }
    return delivered
  }
}
