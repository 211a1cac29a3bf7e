import Compute
import Imaging
import NeuralNet
import Safetensors
import SampleArt
import TestSupport
import Testing

@testable import Faces

@Suite("Built-in face detector")
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
    var detector = try detector()
    let (frame, _) = shown(SampleClip.all[0].scene.frame(10), shortSide: detector.scale.shortSide)
    let face = try #require(try detector.faces(in: frame).first)
    let points = try #require(face.landmarks)
    #expect(points.count == 5)
    #expect(points[0].x < points[2].x && points[2].x < points[1].x && points[3].x < points[4].x)
    #expect(points[0].y < points[2].y && points[2].y < points[3].y && points[1].y < points[4].y)
    for point in points {
      #expect(abs(point.x - face.box.centerX) < face.box.width && abs(point.y - face.box.centerY) < face.box.height)
    }
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

  /// Brings a sample's picture to the size that the detector asks for.
  func shown(_ frame: Frame, shortSide: Int) -> (frame: Frame, scale: Double) {
    let scale = Double(shortSide) / Double(min(frame.width, frame.height))
    let width = Int((Double(frame.width) * scale).rounded())
    let height = Int((Double(frame.height) * scale).rounded())
    return (frame.resized(width: width, height: height), scale)
  }

  @Test("finds the drawn faces where they are, and nothing else", arguments: SampleClip.all)
  func drawnFaces(_ clip: SampleClip) throws {
    var detector = try detector()
    for index in stride(from: 5, to: clip.frameCount, by: 40) {
      let (frame, scale) = shown(clip.scene.frame(index), shortSide: detector.scale.shortSide)
      let found = try detector.faces(in: frame).filter { $0.confidence >= 0.5 }
      let drawn = clip.scene.faceBoxes(index)
      #expect(found.count == drawn.count, "picture \(index)")
      for face in drawn {
        let box = Box(x: face.x * scale, y: face.y * scale, width: face.width * scale, height: face.height * scale)
        #expect(found.contains { $0.box.overlap(box) > 0.5 }, "picture \(index): \(box) in \(found)")
      }
    }
  }

  @Test("boxes move with the face, more finely than the network's cells")
  func stableBoxes() throws {
    var detector = try detector()
    let picture = shown(SampleClip.all[0].scene.frame(10), shortSide: detector.scale.shortSide).frame
    var centers: [Double] = []
    for shift in stride(from: 0.0, through: 4, by: 1) {
      let frame = picture.pixels(of: Box(x: shift, y: 0, width: 440, height: 270))
      let best = try #require(try detector.faces(in: frame).first)
      centers.append(best.box.centerX + shift)
    }
    let spread = try #require(centers.max()) - (try #require(centers.min()))
    #expect(spread < 3, "\(centers)")
  }

  @Test("the same picture gives the same faces")
  func deterministic() throws {
    var first = try detector()
    var second = try detector()
    let frame = SampleClip.all[1].scene.frame(20).resized(width: 480, height: 270)
    let faces = try first.faces(in: frame)
    #expect(faces.count >= 2)
    #expect(try first.faces(in: frame) == faces)
    #expect(try second.faces(in: frame) == faces)
  }

  @Test("tracks of a drawn couple last for the whole clip")
  func coupleIsTracked() throws {
    var tracker = FaceTracker(detector: try detector())
    let clip = try #require(SampleClip.all.first { $0.name == "couple.mp4" })
    for index in stride(from: 0, to: clip.frameCount, by: 12) {
      let faces = try tracker.faces(in: clip.scene.frame(index))
      #expect(faces.map(\.track) == [0, 1], "picture \(index)")
    }
  }
}
