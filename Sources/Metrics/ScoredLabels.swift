/// Scores and the truth beside them: what every metric is computed from.
///
/// A label is true for a fake, the positive class. Scores may be probabilities or logits, as each metric says; they
/// must be finite.
public struct ScoredLabels: Sendable, Hashable {
  public private(set) var scores: [Double]
  public private(set) var labels: [Bool]

  /// - Precondition: as many scores as labels, all scores finite.
  public init(scores: [Double], labels: [Bool]) {
    precondition(scores.count == labels.count, "\(scores.count) scores and \(labels.count) labels")
    precondition(scores.allSatisfy(\.isFinite), "a score is not finite")
    self.scores = scores
    self.labels = labels
  }

  public var count: Int { scores.count }
  public var positives: Int { labels.count { $0 } }
  public var negatives: Int { count - positives }
  /// Share of fakes; nil without items.
  public var prevalence: Double? { count > 0 ? Double(positives) / Double(count) : nil }

  /// The items at `indices`, each as often as it is named.
  public func selecting(_ indices: [Int]) -> ScoredLabels {
    ScoredLabels(scores: indices.map { scores[$0] }, labels: indices.map { labels[$0] })
  }
}
