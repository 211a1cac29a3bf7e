/// What every possible threshold decides, from the highest score down.
///
/// Items of equal score fall together, so ties neither help nor hurt.
public struct ThresholdCurve: Sendable, Hashable {
  /// Decisions if everything from `threshold` up counts as fake.
  public struct Point: Sendable, Hashable {
    /// A score that occurs; infinite in the first point, which flags nothing.
    public var threshold: Double
    public var truePositives: Int
    public var falsePositives: Int
  }

  /// By falling threshold; the first flags nothing, the last everything.
  public let points: [Point]
  public let positives: Int
  public let negatives: Int

  public init(_ data: ScoredLabels) {
    positives = data.positives
    negatives = data.negatives
    var points = [Point(threshold: .infinity, truePositives: 0, falsePositives: 0)]
    var current = points[0]
    for index in data.scores.indices.sorted(by: { data.scores[$0] > data.scores[$1] }) {
      if data.scores[index] != current.threshold {
        if current.threshold.isFinite { points.append(current) }
        current.threshold = data.scores[index]
      }
      if data.labels[index] { current.truePositives += 1 } else { current.falsePositives += 1 }
    }
    if current.threshold.isFinite { points.append(current) }
    self.points = points
  }

  public func matrix(at point: Point) -> ConfusionMatrix {
    ConfusionMatrix(
      truePositives: point.truePositives, falsePositives: point.falsePositives,
      trueNegatives: negatives - point.falsePositives, falseNegatives: positives - point.truePositives)
  }

  /// Share of the fakes that a point flags; nil without fakes.
  public func recall(at point: Point) -> Double? {
    positives > 0 ? Double(point.truePositives) / Double(positives) : nil
  }

  /// Share of the real ones that a point flags; nil without real ones.
  public func falsePositiveRate(at point: Point) -> Double? {
    negatives > 0 ? Double(point.falsePositives) / Double(negatives) : nil
  }
}
