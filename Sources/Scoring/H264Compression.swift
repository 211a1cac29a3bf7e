package import Compute
import Datasets
package import Imaging

/// Compressed by libx264 and decoded: what almost all footage has gone through, most of it more than once.
///
/// Quantisers 18…42 at full strength. Coders are kept for reuse: opening one costs more than a picture.
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
    // Only a lack of memory or of libx264 gets here: training goes on with the crop as it is.
    return (try? coders.compress(crop, quantiser: quantiser)) ?? crop
  }
}
