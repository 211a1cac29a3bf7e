public import Compute
public import Imaging

/// Out of focus or smoothed by an encoder: a Gaussian of up to 2 pixels' deviation at full strength.
public struct GaussianBlur: Augmentation {
  public static let name = "blur"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    let sigma = generator.uniform(in: 0.3...2) * strength
    // A narrower one is the identity in 256ths.
    return sigma > 0.2 ? BlurKernel(sigma: sigma).apply(to: crop) : crop
  }
}
