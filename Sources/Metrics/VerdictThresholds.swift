/// Thresholds between `real`, `undecided` and `fake`, fitted to real items only, so that few of them are flagged.
///
/// Real scores are grouped by data set; every group must satisfy both limits, so the worst one decides. The counts
/// follow split conformal prediction (Vovk et al. 2005): of n real items at most `⌊rate · (n + 1)⌋` lie above a
/// threshold, which bounds the expected rate on new items of the same distribution.
public struct VerdictThresholds: Sendable, Hashable {
  /// Maximum false positive rates, as fractions of a group's real items.
  public struct Limits: Sendable, Hashable {
    public var fake: Double
    public var undecided: Double

    public init(fake: Double = 0.02, undecided: Double = 0.1) {
      self.fake = fake
      self.undecided = undecided
    }
  }

  /// Groups with fewer real items are merged into one: their own quantiles would be unreliable.
  public static let fewestInGroup = 50

  /// Scores from here on are undecided or fake.
  public let real: Double
  /// Scores from here on are fake.
  public let fake: Double

  /// - Parameters:
  ///   - realScores: calibrated scores of real items, 0…1, by data set.
  /// - Returns: nil without real items.
  public init?(realScores: [String: [Double]], limits: Limits = Limits()) {
    var groups = realScores.values.filter { $0.count >= Self.fewestInGroup }
    let rest = realScores.filter { $0.value.count < Self.fewestInGroup }.sorted { $0.key < $1.key }.flatMap(\.value)
    if !rest.isEmpty { groups.append(rest) }
    guard !groups.isEmpty else { return nil }
    let fake = groups.map { Self.threshold($0, rate: limits.fake, of: $0.count) }.max() ?? 1
    let real =
      groups.map { group in
        Self.threshold(group.filter { $0 < fake }, rate: limits.undecided, of: group.count)
      }.max() ?? fake
    self.fake = min(fake, 1)
    self.real = min(real, self.fake)
  }

  /// The lowest threshold with four decimals that at most `⌊rate · (count + 1)⌋` scores reach.
  private static func threshold(_ scores: [Double], rate: Double, of count: Int) -> Double {
    let allowed = Int(rate * Double(count + 1))
    let falling = scores.sorted(by: >)
    guard allowed < falling.count else { return falling.last ?? 0 }
    return ((falling[allowed] * 1e4).rounded(.down) + 1) / 1e4
  }
}
