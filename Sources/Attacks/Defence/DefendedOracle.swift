import Compute

/// A defended model as seen by an adaptive attack.
///
/// Queries return the defended model's output; for a random defence, gradients and the logits that accompany them are
/// means over new draws (expectation over transformation, Athalye et al. 2018).
public final class DefendedOracle: GradientOracle {
  private let detector: any GradientOracle
  private let defence: any InputDefence
  private let seed: UInt64
  private let draws: Int

  /// - Parameters:
  ///   - seed: seed of the draws; with the crop's bytes it determines the result of a query.
  ///   - draws: number of draws of a random defence per gradient.
  public init(_ detector: any GradientOracle, behind defence: any InputDefence, seed: UInt64, draws: Int = 8) {
    precondition(draws > 0, "no draws")
    self.detector = detector
    self.defence = defence
    self.seed = seed
    self.draws = draws
  }

  public var queries: Int { detector.queries }
  public var gradients: Int { detector.gradients }

  public func logit(of x: CropPixels) throws -> Float {
    try detector.logit(of: defence.defended(x, seed: seed).crop)
  }

  public func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float]) {
    let count = defence.isRandom ? draws : 1
    var sum: (logit: Float, gradient: [Float]) = (0, [Float](repeating: 0, count: x.values.count))
    for draw in 1...count {
      let defended = defence.defended(x, seed: seed, draw: draw)
      let (logit, gradient) = try detector.gradient(at: defended.crop)
      sum.logit += logit
      for (i, part) in defended.pullBack(gradient).enumerated() { sum.gradient[i] += part }
    }
    let fraction = 1 / Float(count)
    return (sum.logit * fraction, count == 1 ? sum.gradient : sum.gradient.map { $0 * fraction })
  }
}

extension InputDefence {
  /// The transformed crop that the model receives.
  ///
  /// Randomness is derived from the seed and the crop's bytes: the same file always gets the same score.
  ///
  /// - Parameter draw: 0 for the draw of a scan; others are draws from the same distribution.
  public func defended(_ x: CropPixels, seed: UInt64, draw: Int = 0) -> DefendedCrop {
    var generator = SeededGenerator(seed: seed, path: isRandom ? [x.fingerprint, UInt64(draw)] : [])
    return apply(to: x, using: &generator)
  }
}

extension CropPixels {
  /// Hash of the values: FNV-1a, four bytes at a time.
  fileprivate var fingerprint: UInt64 {
    values.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01B3 }
  }
}
