/// How the logits of a track's faces become one.
public enum FrameAggregation: String, Sendable, Hashable, CaseIterable {
  /// The mean without the 20 % (rounded down) at each end: what a scan does.
  case trimmedMean = "trimmed-mean"
  case mean
  case median
  /// The mean of the greatest quarter (rounded up).
  case topQuarter = "top-quarter"
  case maximum

  /// - Precondition: there is a logit.
  func value(of logits: [Double]) -> Double {
    switch self {
    case .trimmedMean: logits.trimmedMean(fraction: Judge.trimmedFraction)
    case .mean: logits.trimmedMean(fraction: 0)
    case .median: Self.median(logits.sorted())
    case .topQuarter: logits.sorted().suffix((logits.count + 3) / 4).trimmedMean(fraction: 0)
    case .maximum: logits.sorted()[logits.count - 1]
    }
  }

  private static func median(_ sorted: [Double]) -> Double {
    (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
