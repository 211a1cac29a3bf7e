package import Attacks
package import Decoder
package import Verdicts

/// Finds the smallest perturbation that flips a video's verdict: the evasion margin.
package struct FlipMargin: Sendable {
  /// Budget of the strongest perturbation tried, in pixel levels.
  package static let greatest = 32
  private static let attack = ProjectedGradient.pgd(.linf, steps: 10)

  package let seed: UInt64

  package init(seed: UInt64) {
    self.seed = seed
  }

  /// Smallest budget, in levels of 255, at which a joint attack on all faces makes a flagged video less suspicious.
  ///
  /// Doubles the budget until the verdict flips, then bisects; assumes that a larger budget never weakens the attack.
  ///
  /// - Returns: nil for a video that is real or has no faces.
  package func find(
    _ crops: [CropPixels], clean: [Float], of file: DecodedFile, with attacker: FaceAttacker
  ) throws -> MarginRecord? {
    guard let start = try attacker.judgement(file, clean), start.verdict != .real else { return nil }
    func turns(_ levels: Int) throws -> Bool {
      let moved = try attacker.attack(
        crops, clean: clean, by: Self.attack, epsilon: Float(levels) / 255, whole: .fake, seed: seed)
      guard let end = try attacker.judgement(file, moved.map(\.logit.logit)) else { return false }
      return end.verdict != start.verdict && end.score < start.score
    }
    var (below, above) = (0, 1)
    while try !turns(above) {
      guard above < Self.greatest else { return MarginRecord(levels: nil, upTo: Self.greatest) }
      (below, above) = (above, min(2 * above, Self.greatest))
    }
    while above - below > 1 {
      let middle = (below + above) / 2
      if try turns(middle) { above = middle } else { below = middle }
    }
    return MarginRecord(levels: above, upTo: Self.greatest)
  }
}
