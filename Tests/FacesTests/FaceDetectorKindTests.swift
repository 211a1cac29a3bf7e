import Faces
import Foundation
import TestSupport
import Testing

@Suite("Face detector registry")
struct FaceDetectorKindTests {
  @Test("HOG needs no file, ignores one, and is recorded by its kind")
  func hog() throws {
    let choice = FaceDetectorChoice(.hog, modelPath: "/nowhere.onnx")
    #expect(choice == FaceDetectorChoice(modelPath: nil) && choice.modelPath == nil)
    let model = try choice.load()
    #expect(model.name == "hog" && !model.kind.needsExecutableMemory)
    #expect(try model.make().name == HOGFaceDetector().name)
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
    #expect(model.name == "yunet-bd108b5c3901" && model.kind.needsExecutableMemory)
    let error = #expect(throws: FacesError.self) { _ = try model.make() }
    guard case .detectorUnavailable(model.name, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
