/// Whether a video's faces look as if somebody had perturbed them: whether their scores differ too much under small random
/// changes.
public struct PerturbedInputRecord: Sendable, Hashable, Codable {
  /// Mean change of the faces' log-odds under the small changes; the median over the faces.
  public let disagreement: Double
  /// What unperturbed footage stays below, but for `falseAlarmRate` of it.
  public let threshold: Double
  /// Share of unperturbed footage that the threshold was fitted to flag.
  public let falseAlarmRate: Double
  public let isFlagged: Bool

  public init(disagreement: Double, threshold: Double, falseAlarmRate: Double) {
    self.disagreement = disagreement.manifestRounded
    self.threshold = threshold.manifestRounded
    self.falseAlarmRate = falseAlarmRate.manifestRounded
    isFlagged = self.disagreement > self.threshold
  }

  var text: String {
    "scores differ by \(disagreement) under small changes, more than \(threshold): the faces may be perturbed"
  }
}
