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
  ///   - without: the statistic with group 0, 1, …, 9 left out.
  /// - Returns: the 95 % interval; nil when a value is missing.
  public static func interval(
    of value: Double, without: (_ group: Int) throws -> Double?
  ) rethrows -> Interval? {
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
