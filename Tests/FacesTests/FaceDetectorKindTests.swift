import Compute
import Faces
import Foundation
import NeuralNet
import Safetensors
import TestSupport
import Testing

@Suite("Face detector registry")
struct FaceDetectorKindTests {
  @Test("the standard detector needs no file and is recorded with the digest of its weights")
  func standard() throws {
    #expect(FaceDetectorChoice.usual == FaceDetectorChoice(modelPath: nil))
    let model = try FaceDetectorChoice.usual.load()
    #expect(model.name.hasPrefix("standard-") && model.name.count == "standard-".count + 12)
    #expect(FaceDetectorKind(recordedName: model.name) == .standard)
    #expect(try model.make().name == model.name)
  }

  @Test("weights of one's own have another name than the built-in ones")
  func ownWeights() throws {
    let folder = ScratchFolder()
    let path = folder.path("own.safetensors")
    var network = StandardFaceNetwork.network(Pair(32), seed: 4)
    network.parameters["stem.weight"]?[0] += 1
    try SafetensorsFile(tensors: network.parameters).write(to: path)
    let model = try FaceDetectorChoice(modelPath: path).load()
    #expect(model.kind == .standard)
    #expect(try model.name != FaceDetectorChoice(.standard).load().name)
    #expect(try model.make().scale.shortSide == 270)
  }

  @Test("YuNet needs a file that can be read")
  func missingFile() {
    #expect(throws: FacesError.modelMissing(.yunet)) { _ = try FaceDetectorChoice(.yunet).load() }
    let choice = FaceDetectorChoice(modelPath: "/nowhere.onnx")
    #expect(choice.kind == .yunet)
    let error = #expect(throws: FacesError.self) { _ = try choice.load() }
    guard case .modelUnreadable("/nowhere.onnx", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("YuNet is recorded with the digest of its file, which must be a detector")
  func wrongFile() throws {
    let folder = ScratchFolder()
    let path = folder.path("detector.onnx")
    try Data("no network".utf8).write(to: URL(filePath: path))
    let model = try FaceDetectorChoice(.yunet, modelPath: path).load()
    // printf 'no network' | sha256sum
    #expect(model.name == "yunet-bd108b5c3901")
    let error = #expect(throws: FacesError.self) { _ = try model.make() }
    guard case .detectorUnavailable(model.name, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
