import Compute
import Datasets
import Imaging
package import TestSupport
package import Training

/// A crop set that a network can learn in a few steps: fakes are bright, real crops dark, with noise on both.
package enum SmallCropSet {
  /// - Parameters:
  ///   - smoothFakes: a fake has a quarter of the noise, beside being brighter.
  ///   - hasVideos: every second source is of videos instead of pictures.
  /// - Returns: the folder of the set: `sources` sources with one real and one fake crop each.
  package static func make(
    in folder: ScratchFolder, sources: Int, size: Int = 256, methods: [String] = ["brightening"],
    smoothFakes: Bool = false, hasVideos: Bool = false
  ) throws -> String {
    let path = folder.path("crops")
    let settings = FaceCropSettings(detector: "standard", size: size)
    var writer = try CropSetWriter(folder: path, header: CropSetHeader(settings))
    var state: UInt32 = 1
    for source in 0..<sources {
      for label in [Label.real, .fake] {
        let pixels = (0..<(size * size * 3)).map { _ in
          state = state &* 1_664_525 &+ 1_013_904_223
          let noise = Int(state >> 26)
          return UInt8(label == .fake ? 150 + noise / (smoothFakes ? 4 : 1) : 50 + noise)
        }
        let item = LabelledItem(
          path: "\(label)/\(source).png", label: label, group: "source \(source)",
          method: label == .real ? LabelledItem.realMethod : methods[source % methods.count], dataset: "drawn",
          kind: hasVideos && source % 2 == 0 ? .video : .picture)
        try writer.append(
          [
            NewCrop(
              pixels: Frame(width: size, height: size, pixels: pixels),
              box: Box(x: 0, y: 0, width: Double(size), height: Double(size)))
          ],
          of: item)
      }
    }
    try writer.synchronise()
    return path
  }
}

extension SmallCropSet {
  /// Faces of a kind: two eyes and a mouth in a skin of random colour. Fakes have a green mouth.
  package static func drawnFaces(in folder: ScratchFolder, sources: Int, size: Int = 16) throws -> String {
    let path = folder.path("faces")
    let settings = FaceCropSettings(detector: "standard", size: size)
    var writer = try CropSetWriter(folder: path, header: CropSetHeader(settings))
    for source in 0..<sources {
      for label in [Label.real, .fake] {
        var generator = SeededGenerator(seed: 3, path: [UInt64(source), label == .real ? 0 : 1])
        let skin = (0..<3).map { 120 + Float(60 - 20 * $0) * generator.uniform() }
        var pixels: [UInt8] = []
        for y in 0..<size {
          for x in 0..<size {
            let (row, column) = (y * 8 / size, x * 8 / size)
            let isEye = row == 2 && (column == 2 || column == 5)
            let isMouth = row == 5 && (2...5).contains(column)
            for channel in 0..<3 {
              let mouth: Float = channel == (label == .fake ? 1 : 0) ? 200 : 40
              let value = isEye ? 20 : isMouth ? mouth : skin[channel]
              pixels.append(UInt8(min(max(value + 8 * generator.normal(), 0), 255)))
            }
          }
        }
        let item = LabelledItem(
          path: "\(label)/\(source).png", label: label, group: "source \(source)",
          method: label == .real ? LabelledItem.realMethod : "greening", dataset: "drawn", kind: .picture)
        let box = Box(x: 0, y: 0, width: Double(size), height: Double(size))
        try writer.append([NewCrop(pixels: Frame(width: size, height: size, pixels: pixels), box: box)], of: item)
      }
    }
    try writer.synchronise()
    return path
  }
}

extension TrainOptions {
  /// Settings that learn a small crop set in seconds.
  package static func small(_ name: String, crops: String, in folder: ScratchFolder) -> TrainOptions {
    var options = TrainOptions(crops: crops, output: folder.path(name))
    options.name = name
    options.widths = [4, 4, 4, 4]
    options.hidden = 4
    options.dropout = 0.1
    options.epochs = 3
    options.batch = 8
    options.optimisation.learningRate = 0.01
    options.augmentation = 0.1
    options.quiet = true
    return options
  }
}
