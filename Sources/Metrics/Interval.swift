import Foundation

/// A confidence interval.
public struct Interval: Sendable, Hashable, Codable {
  public var lower: Double
  public var upper: Double

  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Fewest sources for which an interval is given.
  ///
  /// A bootstrap over fewer covers much less than its nominal 95 % (Cameron, Gelbach and Miller 2008), and down to width
  /// zero where every resample agrees.
  public static let fewestSources = 10
  /// In place of an interval over fewer than `fewestSources`.
  public static let tooFew = "too few sources"

  /// Remark beside figures of so many sources; nil if they suffice.
  public static func shortage(of sources: Int) -> String? {
    guard sources < fewestSources else { return nil }
    return
      "\(sources == 1 ? "1 source is" : "\(sources) sources are") too few for intervals, which need \(fewestSources)"
  }

  /// 97.5 % point of the normal distribution.
  static let z95 = 1.959963984540054

  /// 95 % interval of a proportion (Wilson 1927); suitable for small counts and for fractions of 0 and 1.
  ///
  /// Only for independent trials; items that share a source need `Bootstrap`.
  ///
  /// - Parameter sources: sources of the trials.
  /// - Returns: nil without trials, and with fewer than `fewestSources`.
  public static func wilson(successes: Int, trials: Int, sources: Int) -> Interval? {
    guard trials > 0, sources >= fewestSources else { return nil }
    let n = Double(trials)
    let p = Double(successes) / n
    let z2 = z95 * z95
    let centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    let half = z95 / (1 + z2 / n) * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
    return Interval(lower: max(0, centre - half), upper: min(1, centre + half))
  }

  /// The interval of a fraction over sources. Where the fraction is 0 or 1, all resamples agree and the bootstrap's
  /// interval has width zero: the number of sources then bounds the error (Wilson 1927).
  ///
  /// - Parameter drawn: the bootstrap's interval; one of width zero says nothing and is left out.
  public static func bounding(_ fraction: Double, drawn: Interval?, sources: Int) -> Interval? {
    guard fraction == 0 || fraction == 1 else { return drawn?.lower == drawn?.upper ? nil : drawn }
    return wilson(successes: fraction == 1 ? sources : 0, trials: sources, sources: sources)
  }
}

/// Exact confidence bounds of a proportion (Clopper and Pearson 1934).
public enum ClopperPearson {
  /// One-sided lower confidence bound at level `1 - alpha`: the α-quantile of Beta(k, n - k + 1).
  ///
  /// - Precondition: `0 ≤ successes ≤ trials`, `trials > 0`, and `alpha` between 0 and 1.
  public static func lowerBound(successes: Int, trials: Int, alpha: Double) -> Double {
    precondition(trials > 0 && (0...trials).contains(successes) && alpha > 0 && alpha < 1, "\(successes) of \(trials)")
    if successes == 0 { return 0 }
    if successes == trials { return pow(alpha, 1 / Double(trials)) }
    let (a, b) = (Double(successes), Double(trials - successes + 1))
    // The CDF increases with x: bisect to double precision.
    var (low, high) = (0.0, 1.0)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      if incompleteBeta(below: middle, a, b) < alpha { low = middle } else { high = middle }
    }
    return low
  }

  /// Regularised incomplete beta function, by its continued fraction (Lentz's method; Press et al. 2007, §6.4).
  static func incompleteBeta(below x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
    // The continued fraction converges fast on this side of the mean.
    return x < (a + 1) / (a + b + 2) ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / kept(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / kept(1 + even * d)
      c = kept(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / kept(1 + odd * d)
      c = kept(1 + odd / c)
      result *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return result
  }

  /// Stirling's series from 10 on, the recurrence below that; the C library's `lgamma` writes a global.
  private static func logGamma(_ x: Double) -> Double {
    var (x, shift) = (x, 0.0)
    while x < 10 {
      shift -= log(x)
      x += 1
    }
    let inverse = 1 / (x * x)
    let series =
      (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse * (1.0 / 1680 - inverse / 1188)))) / x
    return shift + (x - 0.5) * log(x) - x + log(2 * Double.pi) / 2 + series
  }
}
