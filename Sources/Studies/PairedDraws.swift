import Attacks
import Compute
import Metrics

/// Statistics of the same items with 95 % intervals from one bootstrap over sources, so that differences are paired.
struct PairedDraws {
  private let bootstrap: Bootstrap
  private let count: Int

  /// - Parameter sources: source of each item; items of one source are resampled together.
  init(sources: [String], resamples: Int = 1000) {
    bootstrap = Bootstrap(groups: sources, resamples: resamples)
    count = sources.count
  }

  var sourceCount: Int { bootstrap.sourceCount }

  /// - Parameter statistics: maps indices of the resampled items to values; nil where a value is undefined.
  /// - Returns: one estimate per value; nil where the value is undefined on all items.
  func estimates(_ statistics: ([Int]) -> [Double?]) -> [Estimate?] {
    estimates(seeds: 1) { drawn, _ in statistics(drawn) }
  }

  /// Estimates for arms trained with several seeds: each resample draws sources and seeds.
  ///
  /// - Parameter statistics: maps indices of the resampled items and of the resampled seeds to values.
  func estimates(seeds: Int, _ statistics: ([Int], [Int]) -> [Double?]) -> [Estimate?] {
    let whole = Array(0..<seeds)
    // Fixed seeds, so that the same items give the same intervals.
    var generator = SeededGenerator(seed: 1)
    var order = SeededGenerator(seed: 2)
    let intervals = bootstrap.intervals(using: &generator) { drawn in
      statistics(drawn, whole.map { _ in order.index(below: seeds) })
    }
    return zip(statistics(Array(0..<count), whole), intervals).map { value, interval in
      value.map { Estimate($0, interval) }
    }
  }

  /// Bounds a difference of two fractions that is 1 or -1 in every resample, where the bootstrap interval would have
  /// zero width: uses the Wilson interval over the number of sources (Wilson 1927).
  func bounded(_ difference: Estimate?) -> Estimate? {
    guard let difference, abs(difference.value) == 1,
      let least = Interval.bounding(1, drawn: nil, sources: sourceCount)?.lower
    else { return difference }
    let bound = difference.value * (2 * least - 1)
    return Estimate(
      difference.value, Interval(lower: min(bound, difference.value), upper: max(bound, difference.value)))
  }

  /// Mean of one value per item.
  ///
  /// If all values are 0, or all 1, every resample is identical and the bootstrap interval has zero width. The interval
  /// is then the Wilson interval over the number of sources (Wilson 1927).
  func mean(_ values: [Double]) -> Estimate? {
    guard let first = values.first else { return nil }
    if first == 0 || first == 1, values.allSatisfy({ $0 == first }) {
      return Estimate(first, Interval.bounding(first, drawn: nil, sources: sourceCount))
    }
    return estimates { drawn in [drawn.isEmpty ? nil : drawn.reduce(0) { $0 + values[$1] } / Double(drawn.count)] }[0]
  }

  /// AUCs of several scores of the same items, and their differences from the first.
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
