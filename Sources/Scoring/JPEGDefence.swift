import Attacks
import Compute
import Datasets
import Imaging

/// A round trip through JPEG's losses (Dziugaite, Ghahramani and Roy 2016). Gradients pass as if there were none.
struct JPEGDefence: InputDefence {
  /// As the Independent JPEG Group counts it.
  let quality: Int
  let isRandom = false
  var name: String { "jpeg:\(quality)" }

  func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    let coded = Frame(width: x.width, height: x.height, pixels: x.bytes).compressed(quality: quality)
    return DefendedCrop(crop: CropPixels(width: x.width, height: x.height, bytes: coded.pixels))
  }
}
