package import Compute
import Datasets
package import Imaging

/// Compression by libx264 and decoding, which almost all footage has undergone, most of it more than once.
///
/// Quantisers 18…42 at full strength. Coders are pooled, because opening one costs more than coding a picture.
package struct H264Compression: Augmentation {
  package static let name = "h264"
  package let strength: Double
  private let coders = CoderPool()

  package init(strength: Double = 1) {
    self.strength = strength
  }

  package func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return crop }
    let quantiser = 18 + Int((Double(generator.uniform()) * 24 * strength).rounded())
    // Fails only for lack of memory or of libx264; training continues with the unmodified crop.
    return (try? coders.compress(crop, quantiser: quantiser)) ?? crop
  }
}
