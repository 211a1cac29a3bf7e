import Foundation

/// How far a distribution has moved from a reference (population stability index; Siddiqi 2006): the sum over bins of
/// (p - q)·ln(p/q), symmetric, 0 for equal distributions.
public enum PopulationStability {
  /// Below this the distributions count as alike.
  public static let smallShift = 0.1
  /// From this on they count as different.
  public static let largeShift = 0.25

  /// - Parameters:
  ///   - reference, current: counts in the same bins. Half a count is added to each bin, so that an empty one is finite.
  /// - Returns: nil when either has no counts.
  /// - Precondition: as many bins in both.
  public static func index(reference: [Int], current: [Int]) -> Double? {
    precondition(reference.count == current.count, "\(reference.count) and \(current.count) bins")
    func fractions(_ counts: [Int]) -> [Double]? {
      let total = counts.reduce(0, +)
      guard total > 0 else { return nil }
      return counts.map { (Double($0) + 0.5) / (Double(total) + 0.5 * Double(counts.count)) }
    }
    guard let p = fractions(current), let q = fractions(reference) else { return nil }
    return zip(p, q).reduce(0) { $0 + ($1.0 - $1.1) * log($1.0 / $1.1) }
  }

  /// What the index of two samples from one distribution exceeds once in a thousand times.
  ///
  /// The index divided by the sum of the reciprocal sizes is distributed as chi-squared with one degree of freedom less
  /// than there are bins (Yurdakul and Naranjo 2020); its quantile is that of Wilson and Hilferty (1931).
  ///
  /// - Parameters:
  ///   - bins: those that are not empty in both samples.
  ///   - counts: sizes of the samples, at least 1.
  public static func noise(bins: Int, counts: (Int, Int)) -> Double {
    let freedom = Double(max(bins - 1, 1))
    let part = 2 / (9 * freedom)
    let quantile = freedom * pow(1 - part + NormalDistribution.quantile(0.999) * part.squareRoot(), 3)
    return quantile * (1 / Double(counts.0) + 1 / Double(counts.1))
  }

  /// Counts of scores from 0 to 1 in ten bins of equal width; 1 belongs to the last.
  public static func deciles(_ scores: some Sequence<Double>) -> [Int] {
    scores.reduce(into: [Int](repeating: 0, count: 10)) { $0[min(max(Int($1 * 10), 0), 9)] += 1 }
  }
}

/// The sign test: whether of so many changes more go one way than chance explains (Conover 1999, section 3.4).
public enum SignTest {
  /// Two-sided, exact.
  ///
  /// - Returns: the probability of a split at least as uneven if both ways are equally likely; 1 without any change.
  public static func probability(_ first: Int, _ second: Int) -> Double {
    let (total, fewer) = (first + second, min(first, second))
    guard total > 0 else { return 1 }
    func logFactorial(_ n: Int) -> Double { lgamma(Double(n) + 1) }
    let all = logFactorial(total) - Double(total) * log(2)
    var tail = 0.0
    for count in 0...fewer { tail += exp(all - logFactorial(count) - logFactorial(total - count)) }
    return min(1, 2 * tail)
  }
}
