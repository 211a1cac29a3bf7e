/// The verdict of one row with what led to it; only combinations that make sense can be built.
public struct Finding: Sendable, Hashable, Codable {
  public let verdict: Verdict
  /// P(fake); nil exactly when the verdict is `noFace` or `failed`.
  @ExplicitNull public private(set) var score: Double?
  /// Not nil exactly when the verdict is `failed`.
  @ExplicitNull public private(set) var reason: FailureReason?
  /// The reason in words.
  @ExplicitNull public private(set) var message: String?
  public let tracks: [TrackRecord]
  public let segments: [SegmentRecord]

  /// A video with faces.
  public static func judged(_ judgement: Judgement) -> Finding {
    Finding(
      verdict: judgement.verdict, score: judgement.score, tracks: judgement.tracks, segments: judgement.segments)
  }

  /// A video that was decoded and shows no face.
  public static let noFace = Finding(verdict: .noFace)

  /// A video about which nothing can be said.
  public static func failed(_ reason: FailureReason, message: String) -> Finding {
    Finding(verdict: .failed, reason: reason, message: message)
  }

  private init(
    verdict: Verdict, score: Double? = nil, reason: FailureReason? = nil, message: String? = nil,
    tracks: [TrackRecord] = [], segments: [SegmentRecord] = []
  ) {
    self.verdict = verdict
    self.tracks = tracks
    self.segments = segments
    self.score = score
    self.reason = reason
    self.message = message
  }
}
