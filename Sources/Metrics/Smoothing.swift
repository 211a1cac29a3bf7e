/// Randomised smoothing for two classes (Cohen, Rosenfeld and Kolter 2019): the majority class under Gaussian noise on
/// the input, and the ℓ2 radius within which no perturbation changes it.
public struct Smoothing: Sendable {
  /// Standard deviation of the noise.
  public var sigma: Double
  /// Noisy copies to select the class, and to certify it.
  public var choosingSamples: Int
  public var samples: Int
  /// Probability that a certificate is wrong.
  public var alpha: Double

  /// Result for one input.
  public struct Certificate: Sendable, Hashable, Codable {
    /// nil if the smoothed classifier abstains.
    public var isFake: Bool?
    /// 0 if it abstains.
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

  /// CERTIFY of the paper (§3.2.2).
  ///
  /// - Parameter fakes: given a number of noisy copies, returns how many are classified as fake; fresh noise each time.
  public func certificate(fakes: (_ copies: Int) throws -> Int) rethrows -> Certificate {
    let isFake = try 2 * fakes(choosingSamples) > choosingSamples
    let count = try fakes(samples)
    return certificate(isFake: isFake, agreeing: isFake ? count : samples - count)
  }

  func certificate(isFake: Bool, agreeing: Int) -> Certificate {
    let fraction = ClopperPearson.lowerBound(successes: agreeing, trials: samples, alpha: alpha)
    guard fraction > 0.5 else { return Certificate(isFake: nil, radius: 0) }
    return Certificate(isFake: isFake, radius: sigma * NormalDistribution.quantile(fraction))
  }

  /// The largest radius that this number of copies can certify.
  public var greatestRadius: Double { certificate(isFake: true, agreeing: samples).radius }
}
