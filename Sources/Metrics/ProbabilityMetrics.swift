import Glibc

/// How well scores work as probabilities of "fake".
extension ScoredLabels {
  /// Mean negative log likelihood of the labels, in nats, the scores being probabilities. Nil without items.
  ///
  /// - Parameter clip: scores are kept this far from 0 and 1, so that one sure mistake costs a finite amount; by
  ///   default double precision's epsilon, as scikit-learn has it.
  public func logLoss(clip: Double = 0x1p-52) -> Double? {
    mean { score, isFake in
      let p = min(max(score, clip), 1 - clip)
      return isFake ? -log(p) : -log1p(-p)
    }
  }

  /// The same from logits, exact for any size of them. Nil without items.
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
