/// Percentile bootstrap over sources (Efron and Tibshirani 1993; Field and Welsh 2007 for clusters): items of one
/// source are not independent, so they are resampled together.
public struct Bootstrap: Sendable {
  /// Item indices of each source, with sources in order of name.
  private let sources: [[Int]]
  private let resamples: Int

  /// - Parameters:
  ///   - groups: source of each item.
  ///   - resamples: number of resamples; 1000 determine a 95 % interval to about a twentieth of its width.
  public init(groups: [String], resamples: Int = 1000) {
    precondition(resamples > 0, "a bootstrap needs draws")
    var indices: [String: [Int]] = [:]
    for (index, group) in groups.enumerated() { indices[group, default: []].append(index) }
    sources = indices.sorted { $0.key < $1.key }.map(\.value)
    self.resamples = resamples
  }

  /// Number of sources.
  public var sourceCount: Int { sources.count }

  /// 95 % intervals of several statistics at once, from the same resamples.
  ///
  /// - Parameters:
  ///   - generator: the same state gives the same intervals.
  ///   - statistics: takes the indices of the resampled items; returns values, nil where undefined (such as no fakes).
  /// - Returns: one interval per value; nil if fewer than half of the resamples gave a value, or with fewer than
  ///   `Interval.fewestSources`.
  public func intervals(
    using generator: inout some RandomNumberGenerator, statistics: ([Int]) -> [Double?]
  ) -> [Interval?] {
    guard sources.count >= Interval.fewestSources else {
      return statistics(sources.flatMap { $0 }).map { _ in nil }
    }
    var values: [[Double]] = []
    var drawn: [Int] = []
    for _ in 0..<resamples {
      drawn.removeAll(keepingCapacity: true)
      for _ in sources {
        let pick = Int(generator.next().multipliedFullWidth(by: UInt64(sources.count)).high)
        drawn += sources[pick]
      }
      let results = statistics(drawn)
      if values.isEmpty { values = Array(repeating: [], count: results.count) }
      for (index, result) in results.enumerated() {
        if let result { values[index].append(result) }
      }
    }
    return values.map { interval($0) }
  }

  /// 95 % interval of one statistic of scores and labels.
  public func interval(
    of data: ScoredLabels, using generator: inout some RandomNumberGenerator, statistic: (ScoredLabels) -> Double?
  ) -> Interval? {
    intervals(using: &generator) { [statistic(data.selecting($0))] }[0]
  }

  private func interval(_ values: [Double]) -> Interval? {
    guard values.count * 2 >= resamples else { return nil }
    let sorted = values.sorted()
    return Interval(lower: quantile(0.025, of: sorted), upper: quantile(0.975, of: sorted))
  }

  /// Interpolates linearly between order statistics (Hyndman and Fan's type 7).
  private func quantile(_ fraction: Double, of sorted: [Double]) -> Double {
    let position = fraction * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }
}

/// Delete-a-group jackknife: the interval of a statistic from how much it changes when each of some groups of the items is
/// left out (Kott 2001).
///
/// For statistics that a bootstrap misleads because they depend on how many different items there are, such as a Fréchet
/// distance.
public enum Jackknife {
  /// 97.5 % point of Student's distribution with 9 degrees of freedom.
  private static let t95 = 2.2621571628
  /// Groups that are left out in turn.
  public static let groups = 10

  /// - Parameters:
  ///   - value: of all items.
  ///   - sources: number of sources of the items.
  ///   - without: the statistic with group 0, 1, …, 9 left out.
  /// - Returns: the 95 % interval; nil when a value is missing, and with fewer than `Interval.fewestSources`.
  public static func interval(
    of value: Double, sources: Int, without: (_ group: Int) throws -> Double?
  ) rethrows -> Interval? {
    guard sources >= Interval.fewestSources else { return nil }
    var values: [Double] = []
    for group in 0..<groups {
      guard let one = try without(group) else { return nil }
      values.append(one)
    }
    let mean = values.reduce(0, +) / Double(groups)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let half = t95 * (squares * Double(groups - 1) / Double(groups)).squareRoot()
    return Interval(lower: value - half, upper: value + half)
  }
}
