public import Compute
public import Imaging

/// Left and right exchanged, at full strength in half of the crops.
public struct HorizontalFlip: Augmentation {
  public static let name = "flip"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    generator.chance(strength / 2) ? crop.flippedHorizontally() : crop
  }
}
