import Attacks
import Compute
import Metrics

/// Figures of the same items with 95 % intervals from one set of draws over sources, so that differences are paired.
struct PairedDraws {
  private let bootstrap: Bootstrap
  private let count: Int

  /// - Parameter sources: of each item; items of one source are drawn together.
  init(sources: [String], resamples: Int = 1000) {
    bootstrap = Bootstrap(groups: sources, resamples: resamples)
    count = sources.count
  }

  var sourceCount: Int { bootstrap.sourceCount }

  /// - Parameter statistics: gets positions of drawn items, gives values; nil where a draw has none.
  /// - Returns: one estimate for each value, nil where all items together have none.
  func estimates(_ statistics: ([Int]) -> [Double?]) -> [Estimate?] {
    estimates(seeds: 1) { drawn, _ in statistics(drawn) }
  }

  /// The same of arms that were trained with some seeds each: every draw over sources draws seeds, too.
  ///
  /// - Parameter statistics: gets positions of drawn items and of drawn seeds.
  func estimates(seeds: Int, _ statistics: ([Int], [Int]) -> [Double?]) -> [Estimate?] {
    let whole = Array(0..<seeds)
    // Fixed seeds: the same items give the same intervals.
    var generator = SeededGenerator(seed: 1)
    var order = SeededGenerator(seed: 2)
    let intervals = bootstrap.intervals(using: &generator) { drawn in
      statistics(drawn, whole.map { _ in order.index(below: seeds) })
    }
    return zip(statistics(Array(0..<count), whole), intervals).map { value, interval in
      value.map { Estimate($0, interval) }
    }
  }

  /// A difference of two shares, bounded where it is 1 or -1 in every draw: at least this many sources, and at most all
  /// others the other way (Wilson 1927).
  func bounded(_ difference: Estimate?) -> Estimate? {
    guard let difference, abs(difference.value) == 1,
      let least = Interval.wilson(successes: sourceCount, trials: sourceCount)?.lower
    else { return difference }
    let bound = difference.value * (2 * least - 1)
    return Estimate(
      difference.value, Interval(lower: min(bound, difference.value), upper: max(bound, difference.value)))
  }

  /// The mean of one number for each item.
  ///
  /// Where all are 0, or all 1, every draw says the same and would promise certainty: how far the share may be from that is
  /// then bounded by the number of sources (Wilson 1927).
  func mean(_ values: [Double]) -> Estimate? {
    guard let first = values.first else { return nil }
    if first == 0 || first == 1, values.allSatisfy({ $0 == first }) {
      return Estimate(first, Interval.wilson(successes: first == 1 ? sourceCount : 0, trials: sourceCount))
    }
    return estimates { drawn in [drawn.isEmpty ? nil : drawn.reduce(0) { $0 + values[$1] } / Double(drawn.count)] }[0]
  }

  /// AUC of several scores of the same items, and how much each is above the first.
  func aucs(_ scores: [[Double]], isFake: [Bool]) -> (values: [Estimate?], differences: [Estimate?]) {
    let data = scores.map { ScoredLabels(scores: $0, labels: isFake) }
    let found = estimates { drawn in
      let values = data.map { ThresholdCurve($0.selecting(drawn)).auc }
      let first = values.first ?? nil
      return values + values.map { value in value.flatMap { own in first.map { own - $0 } } }
    }
    return (Array(found.prefix(scores.count)), Array(found.dropFirst(scores.count)))
  }
}
