import CFFmpeg

/// A way in which a video may be coded once more before it is looked at.
public struct Recompression: Sendable, Hashable, Codable {
  /// Constant rate factor, 0…51.
  public var crf: Int
  /// Half as many pixels along both sides.
  public var isHalfSize: Bool
  public var codec: VideoCodec
  /// What is coded is coded again, in this order, as by one platform after another.
  public var then: [Recompression]

  public init(crf: Int, isHalfSize: Bool = false, codec: VideoCodec = .h264, then: [Recompression] = []) {
    self.crf = crf
    self.isHalfSize = isHalfSize
    self.codec = codec
    self.then = then
  }

  /// This one and all that follow.
  var steps: [Recompression] { [self] + then.flatMap(\.steps) }
}

extension VideoReader {
  /// Samples frames as `sample` does, but, with a recompression, coded once more (preset veryfast) and decoded.
  ///
  /// Of the whole video only the surroundings of each sampled frame are coded: it, 8 frames before it and 3 behind it,
  /// as a group of pictures of its own; groups that meet become one. A CRF fixes the coarseness of a picture by the
  /// picture and by the few next ones that refer to it, not by the rest of the file, and the sampled frame is predicted
  /// from others as most frames of a file are: so this comes close to coding the whole file again, at a cost that does
  /// not grow with the file. Memory holds what the encoders hold back: about 20 pictures each.
  ///
  /// - Throws: what `body` throws; `MediaError.unsupported` when the pictures change their size or the encoder is missing.
  public func sample(
    _ count: Int, recompressed recompression: Recompression?,
    body: (borrowing DecodedPicture, SampledFrame) throws -> Void
  ) throws -> SampleReport {
    guard let recompression else { return try sample(count, body: body) }
    precondition(count >= 1, "cannot sample \(count) frames")
    let wanted = SamplePlan(survey.index, count: count, keyframesOnly: false).wanted
    let groups = FrameGroups(shown: survey.index.shownFrames(), around: wanted)
    let coding = ChainCoding(recompression, framesPerSecond: info.frameRate ?? 25)
    let colors = ColorConverter(survey.traits.recoded)
    // Wanted pictures that the coders hold, by their number.
    var awaited: [Int64: AwaitedPicture] = [:]
    var delivered = 0
    func deliver(_ decoded: UnsafeMutablePointer<AVFrame>, _ number: Int64) throws {
      guard let place = awaited.removeValue(forKey: number) else { return }
      place.restoreFields(of: decoded)
      try body(DecodedPicture(decoded, place.orientation, colors), self.frame(at: place.packet))
      delivered += 1
    }
    var report = try decode(SamplePlan(survey.index, wanted: groups.frames), asked: count) {
      picture, packet in
      if groups.wanted.contains(packet) {
        awaited[coding.count] = AwaitedPicture(
          packet: packet, orientation: picture.orientation, firstField: picture.firstField,
          height: picture.frame.pointee.height)
      }
      try coding.code(picture.frame, beginsGroup: groups.starts.contains(packet), deliver)
    }
    try coding.finish(deliver)
    report.decoded = delivered
    report.missing = wanted.count - delivered
    return report
  }
}

/// A picture that is being coded again.
private struct AwaitedPicture {
  var packet: Int
  var orientation: Orientation
  var firstField: FrameRows?
  var height: CInt

  /// Coders take all frames for progressive; fields survive that but for scaling.
  func restoreFields(of frame: UnsafeMutablePointer<AVFrame>) {
    guard let firstField, frame.pointee.height == height else { return }
    frame.pointee.interlaced_frame = 1
    frame.pointee.top_field_first = firstField == .topField ? 1 : 0
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
