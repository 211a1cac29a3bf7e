public import Compute
public import Imaging

/// A rectangle of one colour over the crop, so that no single place decides (DeVries and Taylor 2017): up to 35 % of
/// each side at full strength.
public struct CutOut: Augmentation {
  public static let name = "cut-out"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    func side(_ length: Int) -> Int { Int(Double(length) * generator.uniform(in: 0.1...0.35) * strength) }
    let (width, height) = (side(crop.width), side(crop.height))
    let left = Int(generator.uniform(in: 0...Double(crop.width - width)))
    let top = Int(generator.uniform(in: 0...Double(crop.height - height)))
    let colour = (0..<3).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 56) }
    var frame = crop
    for y in top..<(top + height) {
      for x in left..<(left + width) {
        for channel in 0..<3 { frame.pixels[(y * crop.width + x) * 3 + channel] = colour[channel] }
      }
    }
    return frame
  }
}
