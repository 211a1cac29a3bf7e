/// Where a quantity lies with a stated confidence.
public struct Interval: Sendable, Hashable, Codable {
  public var lower: Double
  public var upper: Double

  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// 97.5 % point of the normal distribution.
  static let z95 = 1.959963984540054

  /// 95 % interval of a proportion (Wilson 1927); sensible for small counts and for shares of 0 and 1. Nil without
  /// trials.
  ///
  /// Only for independent trials; items that share a source need `Bootstrap`.
  public static func wilson(successes: Int, trials: Int) -> Interval? {
    guard trials > 0 else { return nil }
    let n = Double(trials)
    let p = Double(successes) / n
    let z2 = z95 * z95
    let centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    let half = z95 / (1 + z2 / n) * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
    return Interval(lower: max(0, centre - half), upper: min(1, centre + half))
  }
}
