import Compute
import Imaging
import TestSupport
import Testing

@testable import Datasets

@Suite("A network's view of crops")
struct CropViewTests {
  private let folder = ScratchFolder()

  /// One crop of 120 pixels, cut with a margin of 0.5 and an offset of 0.1: the face's box is 80 pixels wide.
  private func set() throws -> CropSet {
    let settings = FaceCropSettings(
      detector: "hog", framing: FaceFraming(margin: 0.5, offset: 0.1), filter: "triangle", size: 120)
    var writer = try CropSetWriter(folder: folder.path("set"), header: CropSetHeader(settings))
    let item = LabelledItem(
      path: "a.png", label: .real, group: "g", method: LabelledItem.realMethod, dataset: "d", kind: .picture)
    try writer.append(
      [NewCrop(pixels: AugmentationTests.picture(width: 120, height: 120), box: Box(x: 0, y: 0, width: 1, height: 1))],
      of: item)
    return try CropSet(folder: folder.path("set"))
  }

  @Test("a smaller margin and another offset show the square that a scan would crop")
  func window() throws {
    let set = try set()
    let framing = FaceFraming(margin: 0.25, offset: 0.15)
    let seen = try set.viewed(size: 64, framing: framing)
    // The box is centred 0.1 · 80 pixels above the crop's centre; the window is 100 pixels wide, 12 below the box's centre.
    let window = Box(x: 10, y: 14, width: 100, height: 100)
    let stored = set.storedFrame(at: 0)
    #expect(seen.frame(at: 0) == stored.pixels(of: window).resized(width: 64, height: 64))
    #expect(seen.header.size == 64 && seen.header.crops.framing == framing)
    #expect(seen.withPixels(at: 0) { span in span.indices.map { span[$0] } } == seen.frame(at: 0).pixels)
    #expect(seen.storedFrame(at: 0) == stored && seen.damagedCrops().isEmpty)
  }

  @Test("the stored size and framing are the crops themselves")
  func same() throws {
    let set = try set()
    let seen = try set.viewed(size: 120, framing: FaceFraming(margin: 0.5, offset: 0.1))
    #expect(seen.view == nil && seen.frame(at: 0) == set.frame(at: 0))
  }

  @Test(
    "views that are too large, or have too few pixels, are refused with the remedy",
    arguments: [
      (64, FaceFraming(margin: 0.7, offset: 0.1), "--margin"), (64, FaceFraming(margin: 0.5, offset: 0.3), "--margin"),
      (160, FaceFraming(margin: 0.25, offset: 0.1), "--size 192"),
    ])
  func refused(_ size: Int, _ framing: FaceFraming, _ remedy: String) throws {
    let set = try set()
    let error = #expect(throws: DatasetsError.self) { try set.viewed(size: size, framing: framing) }
    #expect(error.map { "\($0)".contains(remedy) } == true)
  }

  @Test("augmentation takes its windows from the stored crop, at the network's size; at strength 0, the view")
  func augmented() throws {
    let set = try set().viewed(size: 48, framing: FaceFraming(margin: 0.2, offset: 0.1))
    let stored = set.storedFrame(at: 0)
    for item in 0..<20 {
      let changed = AugmentationChain.standard(view: set.view).apply(
        to: stored, label: .real, seed: 1, epoch: 0, item: item)
      #expect(changed.crop.width == 48 && changed.crop.height == 48)
    }
    let plain = AugmentationChain.standard(strength: 0, view: set.view).apply(
      to: stored, label: .real, seed: 1, epoch: 0, item: 0)
    #expect(plain.crop == set.frame(at: 0) && plain.label == .real)
  }
}
