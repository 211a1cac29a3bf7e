/// Counts of correct and wrong decisions, with fakes as the positive class, and the rates derived from them.
///
/// A rate whose denominator is zero is nil: for example, precision is undefined if nothing was flagged.
public struct ConfusionMatrix: Sendable, Hashable, Codable {
  public var truePositives: Int
  public var falsePositives: Int
  public var trueNegatives: Int
  public var falseNegatives: Int

  public init(truePositives: Int, falsePositives: Int, trueNegatives: Int, falseNegatives: Int) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.trueNegatives = trueNegatives
    self.falseNegatives = falseNegatives
  }

  /// Classifies a score of at least `threshold` as fake.
  public init(_ data: ScoredLabels, threshold: Double) {
    self.init(truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0)
    for (score, isFake) in zip(data.scores, data.labels) {
      switch (score >= threshold, isFake) {
      case (true, true): truePositives += 1
      case (true, false): falsePositives += 1
      case (false, false): trueNegatives += 1
      case (false, true): falseNegatives += 1
      }
    }
  }

  public var count: Int { truePositives + falsePositives + trueNegatives + falseNegatives }

  /// Fraction of fakes among flagged items.
  public var precision: Double? { ratio(truePositives, truePositives + falsePositives) }
  /// Fraction of fakes that are flagged.
  public var recall: Double? { ratio(truePositives, truePositives + falseNegatives) }
  /// Fraction of real items that are not flagged.
  public var specificity: Double? { ratio(trueNegatives, trueNegatives + falsePositives) }
  public var accuracy: Double? { ratio(truePositives + trueNegatives, count) }
  /// Mean of recall and specificity: the accuracy for equally frequent classes.
  public var balancedAccuracy: Double? {
    guard let recall, let specificity else { return nil }
    return (recall + specificity) / 2
  }
  /// Harmonic mean of precision and recall.
  public var f1: Double? { ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives) }

  /// The expected precision at a given `prevalence` of fakes, with the same recall and specificity.
  ///
  /// Data sets contain a far higher fraction of fakes than uploads: precision is meaningless without its prevalence.
  public func precision(atPrevalence prevalence: Double) -> Double? {
    guard let recall, let specificity else { return nil }
    let hits = recall * prevalence
    let alarms = hits + (1 - specificity) * (1 - prevalence)
    return alarms > 0 ? hits / alarms : nil
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }
}
