import Compute
import Imaging
import NeuralNet
import Safetensors
import SampleArt
import TestSupport
import Testing

@testable import Faces

@Suite("Face detection network")
struct StandardFaceDetectorTests {
  private func detector() throws -> GridFaceDetector { try FaceDetectorChoice(.standard).load().makeGrid() }

  @Test("its network has at most 150 000 parameters, and its outputs say where")
  func size() throws {
    let network = StandardFaceNetwork.network(Pair(height: 288, width: 480))
    #expect(network.parameterCount <= 150_000)
    let shapes = try network.shapes(batch: 1)
    #expect(network.outputs.map { shapes[$0] } == [[1, 16, 36, 60], [1, 16, 18, 30], [1, 16, 9, 15]])
  }

  @Test("landmarks lie within the face, eyes above the mouth, the right eye on the left")
  func landmarks() throws {
    let detector = try detector()
    let frame = SampleClip.all[0].scene.frame(10).resized(width: 480, height: 270)
    let face = try #require(try detector.faces(in: frame).first)
    let points = try #require(face.landmarks)
    #expect(points.count == 5)
    #expect(points[0].x < points[2].x && points[2].x < points[1].x && points[3].x < points[4].x)
    #expect(points[0].y < points[2].y && points[2].y < points[3].y && points[1].y < points[4].y)
    for point in points {
      #expect(abs(point.x - face.box.centerX) < face.box.width && abs(point.y - face.box.centerY) < face.box.height)
    }
  }

  @Test("compiled kernels and oneDNN's agree", arguments: [Pair(32), Pair(height: 96, width: 160)])
  func kernels(_ size: Pair) throws {
    let network = StandardFaceNetwork.network(size, seed: 5)
    var generator = SeededGenerator(seed: 6)
    let x = Tensor.normal([1, 3, size.height, size.width], using: &generator)
    let outputs = try [KernelSource.generated, .compiled].map { kernels in
      let executor = try Executor(network, batch: 1, use: .inference, kernels: kernels)
      try executor.setInput(x)
      return try executor.inferAll(count: 1)
    }
    for (generated, compiled) in zip(outputs[0], outputs[1]) {
      let largest = generated.map { abs($0) }.withFloats { $0.max() } ?? 0
      for index in 0..<generated.count { #expect(abs(generated[index] - compiled[index]) < 1e-5 * max(largest, 1)) }
    }
  }

  @Test("a layer that only generated code computes is refused with its name")
  func withoutKernel() throws {
    var build = NetworkBuilder(inputShape: [3, 8, 8], seed: 1)
    build.flatten("flat")
    build.linear("logit", features: 1)
    let network = build.network
    let error = #expect(throws: NeuralNetError.self) {
      _ = try Executor(network, batch: 1, use: .inference, kernels: .compiled)
    }
    #expect("\(try #require(error))".contains("'logit'"))
  }

  @Test("weights that are not its own are refused with their name")
  func wrongWeights() throws {
    let folder = ScratchFolder()
    let path = folder.path("weights.safetensors")
    try SafetensorsFile(tensors: ["stem.weight": Tensor([1])]).write(to: path)
    let model = try FaceDetectorChoice(modelPath: path).load()
    let error = #expect(throws: FacesError.self) { _ = try model.make() }
    #expect("\(try #require(error))".contains("missing, of another shape or not finite"))
  }
}
