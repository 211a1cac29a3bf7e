import Glibc

/// Scores with their labels: the input of every metric.
///
/// A label is true for a fake, the positive class. Scores may be probabilities or logits, as each metric says; they
/// must be finite.
public struct ScoredLabels: Sendable, Hashable {
  public private(set) var scores: [Double]
  public private(set) var labels: [Bool]

  /// - Precondition: equally many scores and labels, all scores finite.
  public init(scores: [Double], labels: [Bool]) {
    precondition(scores.count == labels.count, "\(scores.count) scores and \(labels.count) labels")
    precondition(scores.allSatisfy(\.isFinite), "a score is not finite")
    self.scores = scores
    self.labels = labels
  }

  public var count: Int { scores.count }
  public var positives: Int { labels.count { $0 } }
  public var negatives: Int { count - positives }
  /// Prevalence of fakes; nil without items.
  public var prevalence: Double? { count > 0 ? Double(positives) / Double(count) : nil }

  /// The items at `indices`, which may repeat.
  public func selecting(_ indices: [Int]) -> ScoredLabels {
    ScoredLabels(scores: indices.map { scores[$0] }, labels: indices.map { labels[$0] })
  }
}

/// Metrics of scores as probabilities of "fake".
extension ScoredLabels {
  /// Mean negative log likelihood of the labels, in nats, the scores being probabilities. Nil without items.
  ///
  /// - Parameter clip: minimum distance of scores from 0 and 1, which bounds the loss of a confident error; by default
  ///   double precision's epsilon, as in scikit-learn.
  public func logLoss(clip: Double = 0x1p-52) -> Double? {
    mean { score, isFake in
      let p = min(max(score, clip), 1 - clip)
      return isFake ? -log(p) : -log1p(-p)
    }
  }

  /// The same from logits, exact for any magnitude. Nil without items.
  public var logLossOfLogits: Double? {
    mean { logit, isFake in
      let margin = isFake ? logit : -logit
      return max(-margin, 0) + log1p(exp(-abs(margin)))
    }
  }

  /// Mean squared distance of the score from the truth (Brier 1950). Nil without items.
  public var brierScore: Double? {
    mean { score, isFake in
      let error = score - (isFake ? 1 : 0)
      return error * error
    }
  }

  private func mean(_ term: (Double, Bool) -> Double) -> Double? {
    guard count > 0 else { return nil }
    return zip(scores, labels).reduce(0) { $0 + term($1.0, $1.1) } / Double(count)
  }
}

/// `1 / (1 + exp(-x))`, without overflow on either side.
public func sigmoid(_ x: Double) -> Double {
  guard x < 0 else { return 1 / (1 + exp(-x)) }
  let e = exp(x)
  return e / (1 + e)
}

/// The inverse of `sigmoid`.
///
/// - Parameter p: a probability; 0 and 1 give infinities.
public func logit(_ p: Double) -> Double { log(p) - log1p(-p) }
