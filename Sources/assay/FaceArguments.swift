public import ArgumentParser
import Decoder
public import Faces
import Training

/// The options of commands that look for faces in videos.
struct FaceArguments: ParsableArguments {
  @Option(help: "Origin of faces: detect, or whole-frame for footage that is already cropped.")
  var faces: FaceOrigin = .detect

  @Option(
    help: "Face detector: hog, without a model file, or yunet, faster and with higher recall, with --detector-model.")
  var detector: FaceDetectorKind = .hog

  @Option(help: ArgumentHelp("ONNX file of the face detector (YuNet).", valueName: "file"))
  var detectorModel: String?

  func validate() throws {
    if detector.needsModelFile, detectorModel == nil {
      throw ValidationError("--detector \(detector.rawValue) needs --detector-model FILE.onnx.")
    }
    if !detector.needsModelFile, detectorModel != nil {
      let kinds = FaceDetectorKind.allCases.filter(\.needsModelFile).map { "--detector \($0.rawValue)" }
      throw ValidationError("--detector-model needs \(kinds.joined(separator: " or ")).")
    }
  }

  /// The detector that the options name.
  var choice: FaceDetectorChoice { FaceDetectorChoice(detector, modelPath: detectorModel) }
}

extension FaceDetectorKind: ExpressibleByArgument {}
