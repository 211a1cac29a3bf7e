import Attacks
import Compute
import Datasets
import Imaging

/// JPEG compression and decompression (Dziugaite, Ghahramani and Roy 2016), with straight-through gradients.
struct JPEGDefence: InputDefence {
  /// Quality on the scale of the Independent JPEG Group.
  let quality: Int
  let isRandom = false
  var name: String { "jpeg:\(quality)" }

  func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    let coded = Frame(width: x.width, height: x.height, pixels: x.bytes).compressed(quality: quality)
    return DefendedCrop(crop: CropPixels(width: x.width, height: x.height, bytes: coded.pixels))
  }
}
