/// The two scores that separate the verdicts.
public struct Thresholds: Sendable, Hashable, Codable {
  /// Below it a video is real.
  public let real: Double
  /// From it on a video is fake; equal to `real` when nothing is to be undecided.
  public let fake: Double

  /// Fake from one half on, nothing undecided.
  public static let even = Thresholds(real: 0.5, fake: 0.5)

  /// - Precondition: `0 ≤ real ≤ fake ≤ 1`.
  public init(real: Double, fake: Double) {
    precondition(0 <= real && real <= fake && fake <= 1, "thresholds \(real) and \(fake) are not in order within 0…1")
    self.real = real.manifestRounded
    self.fake = fake.manifestRounded
  }

  /// - Parameter score: P(fake), 0…1, rounded as it is recorded, so that a row never contradicts itself.
  public func verdict(for score: Double) -> Verdict {
    if score >= fake { return .fake }
    return score < real ? .real : .undecided
  }
}
