/// What another model says of a video; the verdict does not depend on it.
public struct SecondOpinionRecord: Sendable, Hashable, Codable {
  public let model: ModelRecord
  /// P(fake) by that model; nil where the video has no score.
  @ExplicitNull public private(set) var score: Double?

  public init(model: ModelRecord, score: Double?) {
    self.model = model
    self.score = score?.manifestRounded
  }
}
