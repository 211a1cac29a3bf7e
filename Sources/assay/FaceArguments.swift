public import ArgumentParser
import Decoder
public import Faces
import Training

/// The options of commands that look for faces in videos.
struct FaceArguments: ParsableArguments {
  @Option(help: "Origin of faces: detect, or whole-frame for footage that is already cropped.")
  var faces: FaceOrigin = .detect

  @Option(help: "Face detector: standard, or yunet with --detector-model.")
  var detector: FaceDetectorKind = .usual

  @Option(
    help: ArgumentHelp(
      "Model file of the face detector: an ONNX file for yunet, one of assay train-faces for standard.",
      valueName: "file"))
  var detectorModel: String?

  func validate() throws {
    if detector.needsModelFile, detectorModel == nil {
      throw ValidationError("--detector \(detector.rawValue) needs --detector-model FILE.")
    }
  }

  /// The detector that the options name.
  var choice: FaceDetectorChoice { FaceDetectorChoice(detector, modelPath: detectorModel) }
}

extension FaceDetectorKind: ExpressibleByArgument {}
