import Compute
import Imaging
import NeuralNet
import Testing

@testable import Faces

@Suite("YuNet")
struct YuNetTests {
  /// YuNet's outputs for a frame of 3×2 cells of 16 pixels; the grids at the other strides are empty.
  private func grid(score: (Float, Float), box: [Float], cell: Int) -> FaceGrid {
    var (classes, objects) = (Tensor([1, 6, 1]), Tensor([1, 6, 1]))
    (classes[cell], objects[cell]) = score
    var boxes = Tensor([1, 6, 4])
    for index in 0..<4 { boxes[4 * cell + index] = box[index] }
    var landmarks = Tensor([1, 6, 10])
    for index in 0..<10 { landmarks[10 * cell + index] = Float(index) / 10 }
    let (none, four, ten) = (Tensor([1, 0, 1]), Tensor([1, 0, 4]), Tensor([1, 0, 10]))
    return FaceGridFormat.yuNet.grids(
      [none, classes, none, none, objects, none, four, boxes, four, ten, landmarks, ten], width: 48)[1]
  }

  /// Cell 4 of a grid of three columns is in row 1, column 1.
  @Test("a cell's numbers become a box, a score and five points")
  func decoding() throws {
    let faces = grid(score: (0.81, 0.64), box: [0.5, -0.25, 0.6931472, 1.3862944], cell: 4).faces(above: 0.5)
    let face = try #require(faces.first)
    #expect(faces.count == 1)
    #expect(abs(face.confidence - 0.72) < 1e-6)
    // Centre (1.5, 0.75) strides, 2 by 4 strides large.
    #expect(abs(face.box.x - 8) < 1e-4 && abs(face.box.y + 20) < 1e-4)
    #expect(abs(face.box.width - 32) < 1e-4 && abs(face.box.height - 64) < 1e-4)
    let points = try #require(face.landmarks)
    #expect(points.count == 5)
    #expect(abs(points[1].x - 16 * 1.2) < 1e-4 && abs(points[1].y - 16 * 1.3) < 1e-4)
  }

  @Test("what is unsure, or no number, is no face")
  func unsure() {
    #expect(grid(score: (0.4, 0.4), box: [0, 0, 0, 0], cell: 0).faces(above: 0.5).isEmpty)
    #expect(grid(score: (1, 1), box: [0, 0, 1e6, 0], cell: 0).faces(above: 0.5).isEmpty)
    // Probabilities beyond 1 count as 1.
    #expect(grid(score: (4, 1), box: [0, 0, 0, 0], cell: 5).faces(above: 0.5).map(\.confidence) == [1])
  }

  @Test("of boxes over each other the surest stays")
  func suppression() {
    func face(_ x: Double, _ confidence: Float) -> Detection {
      Detection(box: Box(x: x, y: 0, width: 10, height: 10), confidence: confidence)
    }
    let kept = [face(0, 0.6), face(2, 0.9), face(30, 0.5), face(3, 0.9), face(9, 0.7)].suppressingOverlaps(above: 0.3)
    #expect(kept.map(\.box.x) == [2, 9, 30])
  }

  /// A network with YuNet's outputs that sees a face wherever the picture is bright.
  private static func network(_ size: Pair) -> Network {
    var build = NetworkBuilder(inputShape: [3, size.height, size.width], seed: 1)
    var outputs: [String: String] = [:]
    for stride in [8, 16, 32] {
      build.current = "input"
      var mean = Tensor([3, 3, stride, stride])
      for channel in 0..<3 {
        let area = stride * stride
        for place in 0..<area { mean[channel * 4 * area + place] = 1 / Float(area) }
      }
      build.append("mean\(stride)", .convolution(.init(stride: Pair(stride))), ["weight": mean])
      for (kind, count) in [("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)] {
        build.current = "mean\(stride)"
        // The mean of three channels above 128 is a face; boxes and points stay in the middle of the cell.
        let weight: Float = count == 1 && stride == 16 ? 1 : 0
        build.append(
          "\(kind)\(stride)", .convolution(.init()),
          [
            "weight": Tensor([count, 3, 1, 1], repeating: weight / 3),
            "bias": Tensor([count], repeating: count == 1 ? -128 : count == 4 ? 0.5 : 0.5),
          ])
        if count == 1 { build.sigmoid("\(kind)\(stride).p") }
        build.append("\(kind)\(stride).t", .transpose([0, 2, 3, 1]))
        build.append("\(kind)_\(stride)", .reshape([0, -1, count]))
        outputs["\(kind)_\(stride)"] = "\(kind)_\(stride)"
      }
    }
    var network = build.network
    network.outputs = outputs.keys.sorted()
    return network
  }

  @Test(
    "frames of any size are padded, and faces come back in their pixels", arguments: [(64, 48), (200, 130), (321, 97)])
  func padding(width: Int, height: Int) throws {
    let detector = try GridFaceDetector(name: "test", format: .yuNet) { Self.network($0) }
    var pixels = [UInt8](repeating: 20, count: width * height * 3)
    // One bright cell of 16 pixels at (32, 16).
    for row in 16..<32 { for column in 32..<48 { for c in 0..<3 { pixels[(row * width + column) * 3 + c] = 250 } } }
    let faces = try detector.faces(in: Frame(width: width, height: height, pixels: pixels))
    let face = try #require(faces.first)
    #expect(faces.count == 1)
    #expect(face.confidence > 0.5)
    #expect(abs(face.box.x + face.box.width / 2 - 40) < 0.5)
  }

  @Test("the gradient of a place's score is that of central differences")
  func scoreGradient() throws {
    let detector = try GridFaceDetector(name: "test", format: .yuNet) { Self.network($0) }
    // A bright cell of 16 pixels at (32, 16), in the middle of the sigmoid's slope.
    var pixels = [Float](repeating: 20, count: 64 * 48 * 3)
    for row in 16..<32 { for column in 32..<48 { for c in 0..<3 { pixels[(row * 64 + column) * 3 + c] = 128.2 } } }
    let place = FaceGridFormat.yuNet.framed(Box(x: 40 - 13.2, y: 24 - 13.2, width: 26.4, height: 26.4))
    let here = try #require(
      try detector.scoreGradient(of: pixels, width: 64, height: 48, at: place, overlap: 0.3))
    #expect(here.gradient.count == pixels.count)
    for index in [(20 * 64 + 35) * 3, (31 * 64 + 47) * 3 + 2, (2 * 64 + 3) * 3] {
      func logit(_ change: Float) throws -> Float {
        var changed = pixels
        changed[index] += change
        return try #require(
          try detector.scoreGradient(of: changed, width: 64, height: 48, at: place, overlap: 0.3)
        ).logit
      }
      let difference = (try logit(4) - logit(-4)) / 8
      #expect(abs(difference - here.gradient[index]) < 0.03 * max(abs(difference), 1e-3), "value \(index)")
    }
    #expect(here.gradient[(20 * 64 + 35) * 3] > 0 && here.gradient[(2 * 64 + 3) * 3] == 0)
    let elsewhere = Box(x: 400, y: 400, width: 20, height: 20)
    #expect(try detector.scoreGradient(of: pixels, width: 64, height: 48, at: elsewhere, overlap: 0.3) == nil)
  }

  @Test("a network of another kind is refused by its outputs")
  func otherNetwork() {
    var build = NetworkBuilder(inputShape: [3, 128, 128], seed: 1)
    build.globalAveragePool("mean")
    let network = build.network
    #expect(throws: FacesError.self) { _ = try GridFaceDetector(name: "test", format: .yuNet) { _ in network } }
  }
}
