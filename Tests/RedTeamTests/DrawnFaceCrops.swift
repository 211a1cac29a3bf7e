import Datasets
import Foundation
import Imaging
import Models
import SampleArt
import TestSupport
import Testing

/// Crops of 160 pixels on which a detector finds a face, or does not.
enum DrawnFaceCrops {
  /// A real and a fake video of four crops with one face, which is not to be seen in the third.
  static func make(in folder: ScratchFolder) throws -> String {
    let path = folder.path("faces")
    let size = 160
    let settings = FaceCropSettings(detector: "standard", size: size)
    var writer = try CropSetWriter(folder: path, header: CropSetHeader(settings))
    let face = try drawnFace(size: size)
    let wall = Frame(width: size, height: size, pixels: [UInt8](repeating: 120, count: size * size * 3))
    for label in [Label.real, .fake] {
      let item = LabelledItem(
        path: "\(label).mp4", label: label, group: "\(label)",
        method: label == .real ? LabelledItem.realMethod : "drawing", dataset: "drawn", kind: .video)
      try writer.append(
        (0..<4).map {
          NewCrop(pixels: $0 == 2 ? wall : face, seconds: Double($0), box: Box(x: 0, y: 0, width: 1, height: 1))
        },
        of: item)
    }
    try writer.synchronise()
    return path
  }

  /// A drawn face, framed as crops are.
  private static func drawnFace(size: Int) throws -> Frame {
    let scene = SampleClip.all[0].scene
    let box = try #require(scene.faceBoxes(10).first)
    let side = 1.3 * (box.width + box.height) / 2
    return scene.frame(10).pixels(
      of: Box(x: box.centerX - side / 2, y: box.centerY - side / 2, width: side, height: side)
    ).resized(width: size, height: size)
  }
}
