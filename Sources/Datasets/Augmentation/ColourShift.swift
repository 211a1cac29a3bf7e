public import Compute
public import Imaging

/// Other light and another camera: brightness, contrast, gamma, saturation and white balance.
///
/// At full strength: gain ±25 %, contrast ±25 %, gamma 0.75…1.33, saturation ±40 %, each channel's gain ±6 % more.
public struct ColourShift: Augmentation {
  public static let name = "colour"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return crop }
    func factor(_ reach: Double) -> Double { 1 + generator.uniform(in: -reach...reach) * strength }
    let gain = factor(0.25)
    let gains = SIMD3(factor(0.06), factor(0.06), factor(0.06)) * gain
    let gamma = factor(0.33)
    return ColourTransform(
      gains: gains, contrast: factor(0.25), gamma: gamma < 1 ? 1 / (2 - gamma) : gamma, saturation: factor(0.4)
    ).apply(to: crop)
  }
}
