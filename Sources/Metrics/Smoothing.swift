/// Randomised smoothing for two classes (Cohen, Rosenfeld and Kolter 2019): the class that a detector gives most copies of
/// an input with normal noise, and an ℓ2 radius within which no change turns it.
public struct Smoothing: Sendable {
  /// Deviation of the noise.
  public var sigma: Double
  /// Copies by which the class is chosen, and others by which it is certified.
  public var choosingSamples: Int
  public var samples: Int
  /// Chance that a certificate is wrong.
  public var alpha: Double

  /// What was found for one input.
  public struct Certificate: Sendable, Hashable, Codable {
    /// Nil where the smoothed detector abstains.
    public var isFake: Bool?
    /// 0 where it abstains.
    public var radius: Double

    public init(isFake: Bool?, radius: Double) {
      self.isFake = isFake
      self.radius = radius
    }
  }

  public init(sigma: Double, choosingSamples: Int = 100, samples: Int = 1000, alpha: Double = 0.001) {
    precondition(sigma > 0 && choosingSamples > 0 && samples > 0 && alpha > 0 && alpha < 1, "σ \(sigma), α \(alpha)")
    self.sigma = sigma
    self.choosingSamples = choosingSamples
    self.samples = samples
    self.alpha = alpha
  }

  /// CERTIFY of that paper (§3.2.2).
  ///
  /// - Parameter fakes: of so many noisy copies of the input, how many the detector calls fake; fresh noise each time.
  public func certificate(fakes: (_ copies: Int) throws -> Int) rethrows -> Certificate {
    let isFake = try 2 * fakes(choosingSamples) > choosingSamples
    let count = try fakes(samples)
    return certificate(isFake: isFake, agreeing: isFake ? count : samples - count)
  }

  func certificate(isFake: Bool, agreeing: Int) -> Certificate {
    let share = ClopperPearson.lowerBound(successes: agreeing, trials: samples, alpha: alpha)
    guard share > 0.5 else { return Certificate(isFake: nil, radius: 0) }
    return Certificate(isFake: isFake, radius: sigma * NormalDistribution.quantile(share))
  }

  /// The greatest radius that so many copies can certify.
  public var greatestRadius: Double { certificate(isFake: true, agreeing: samples).radius }
}
