public import Compute
public import Imaging

/// Scaled down and up again, as a face from a small video is: to a quarter of the side at least, at full strength.
public struct LowResolution: Augmentation {
  public static let name = "low-resolution"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    let share = 1 - strength * generator.uniform(in: 0...0.75)
    return crop.reduced(to: share)
  }
}

extension Frame {
  /// The frame at a part of its resolution, in its own size.
  ///
  /// - Parameter share: of each side, above 0.
  public func reduced(to share: Double) -> Frame {
    func part(_ side: Int) -> Int { max(1, Int((Double(side) * share).rounded())) }
    return resized(width: part(width), height: part(height)).resized(width: width, height: height)
  }
}
