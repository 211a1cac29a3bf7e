package import Attacks
package import Decoder
package import Verdicts

/// Finds the smallest perturbation that turns a video's verdict.
package struct FlipMargin: Sendable {
  /// Pixel levels of the strongest perturbation that is tried.
  package static let greatest = 32
  private static let attack = ProjectedGradient.pgd(.linf, steps: 10)

  package let seed: UInt64

  package init(seed: UInt64) {
    self.seed = seed
  }

  /// Levels of 255 by which an attack on all faces together makes a flagged or undecided video less suspicious.
  ///
  /// Doubled until the verdict turns, then halved in between: an attack that can do more with less would be missed.
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
