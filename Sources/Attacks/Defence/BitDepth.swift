public import Compute

/// Fewer levels for each value (Xu, Evans and Qi 2018). Gradients pass as if values were left as they are.
public struct BitDepth: InputDefence {
  public let bits: Int
  public let isRandom = false

  /// - Precondition: 1 to 8 bits.
  public init(bits: Int) {
    precondition((1...8).contains(bits), "\(bits) bits for a value")
    self.bits = bits
  }

  public var name: String { "bits:\(bits)" }

  public func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    let levels = Float((1 << bits) - 1)
    var crop = x
    for i in crop.values.indices { crop.values[i] = (min(max(crop.values[i], 0), 1) * levels).rounded() / levels }
    return DefendedCrop(crop: crop)
  }
}
