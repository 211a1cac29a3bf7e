import Compute

/// A detector behind a defence, as an attack sees it that knows the defence.
///
/// Queries get the answer that the defended detector gives; gradients of a random defence are means over fresh draws
/// (expectation over transformation, Athalye et al. 2018), and so is the logit that comes with them.
public final class DefendedOracle: GradientOracle {
  private let detector: any GradientOracle
  private let defence: any InputDefence
  private let seed: UInt64
  private let draws: Int

  /// - Parameters:
  ///   - seed: of the draws; with the crop's bytes it decides the answer to a query.
  ///   - draws: of a random defence, for one gradient.
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
    let share = 1 / Float(count)
    return (sum.logit * share, count == 1 ? sum.gradient : sum.gradient.map { $0 * share })
  }
}

extension InputDefence {
  /// A crop as a detector behind this gets it.
  ///
  /// What is random follows from the seed and the crop's bytes: the same file gets the same score again.
  ///
  /// - Parameter draw: 0 for what a scan does; others are draws of the same distribution.
  public func defended(_ x: CropPixels, seed: UInt64, draw: Int = 0) -> DefendedCrop {
    var generator = SeededGenerator(seed: seed, path: isRandom ? [x.fingerprint, UInt64(draw)] : [])
    return apply(to: x, using: &generator)
  }
}

extension CropPixels {
  /// A number of its values: FNV-1a, four bytes at a time.
  fileprivate var fingerprint: UInt64 {
    values.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01B3 }
  }
}
