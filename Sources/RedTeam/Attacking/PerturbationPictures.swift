package import Attacks
package import Imaging
import Media
package import Reports

/// Original, perturbed crop and amplified difference, side by side on a page.
package enum PerturbationPictures {
  /// Amplification factor of the difference, which is shown around mid-grey.
  package static let amplification = 16

  /// - Parameter captions: captions of the three pictures.
  package static func row(
    _ original: Frame, _ perturbed: CropPixels, captions: (original: String, perturbed: String, difference: String)
  ) throws -> [HTMLPage.Picture] {
    let bytes = perturbed.bytes
    let difference = zip(bytes, original.pixels).map { changed, old in
      UInt8(min(max(128 + amplification * (Int(changed) - Int(old)), 0), 255))
    }
    func picture(_ pixels: [UInt8], _ caption: String) throws -> HTMLPage.Picture {
      let frame = Frame(width: original.width, height: original.height, pixels: pixels)
      return HTMLPage.Picture(png: try encodePNG(frame), caption: caption)
    }
    return [
      try picture(original.pixels, captions.original), try picture(bytes, captions.perturbed),
      try picture(difference, captions.difference),
    ]
  }
}
