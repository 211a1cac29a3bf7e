import ArgumentParser
import Decoder
import Training

/// The options of commands that look for faces in videos.
struct FaceArguments: ParsableArguments {
  @Option(help: "Where faces come from: detect, or whole-frame for footage that is already cropped.")
  var faces: FaceOrigin = .detect

  @Option(help: "Face detector: hog needs no file; yunet finds more, faster, with --detector-model.")
  var detector: DetectorChoice = .hog

  @Option(help: ArgumentHelp("ONNX file of the face detector (YuNet).", valueName: "file"))
  var detectorModel: String?

  func validate() throws {
    try detector.check(model: detectorModel)
  }
}
