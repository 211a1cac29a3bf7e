public import Compute
public import Imaging

/// A window of another size, place and angle, as another face detector or the next frame would have cut it.
///
/// At full strength the window's side is 0.8 to 1.1 of the crop's, its centre within 6 % of the side, and every second
/// window is turned by up to 8°; what lies beyond the crop is its nearest edge pixel.
public struct FramingJitter: Augmentation {
  public static let name = "framing"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return crop }
    let scale = generator.uniform(in: (1 - 0.2 * strength)...(1 + 0.1 * strength))
    let width = Double(crop.width) * scale
    let height = Double(crop.height) * scale
    let reach = 0.06 * strength
    let centerX = Double(crop.width) * (0.5 + generator.uniform(in: -reach...reach))
    let centerY = Double(crop.height) * (0.5 + generator.uniform(in: -reach...reach))
    let window = Box(x: centerX - width / 2, y: centerY - height / 2, width: width, height: height)
    guard generator.chance(0.5) else { return crop.sampled(window) }
    return crop.sampled(window, radians: generator.uniform(in: -8...8) * strength * .pi / 180)
  }
}
