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
    return crop.blurred(sigma: sigma)
  }
}

extension Frame {
  /// The frame under a Gaussian.
  ///
  /// - Parameter sigma: its deviation in pixels; up to 0.2 it is the identity in 256ths.
  public func blurred(sigma: Double) -> Frame {
    sigma > 0.2 ? BlurKernel(sigma: sigma).apply(to: self) : self
  }
}
