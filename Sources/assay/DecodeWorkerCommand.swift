import ArgumentParser
import Decoder
import Faces
import Isolation
import Training

/// The decoder process that a scan starts; not for people.
struct DecodeWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode-worker", abstract: "Decode videos for a scan (started by assay itself).",
    shouldDisplay: false)

  @Option(help: "Address space in MiB; 0 for no limit.")
  var memory: Int

  @Option(help: "Face detector.")
  var detector: FaceDetectorKind = .usual

  @Option(help: "Model file of the face detector.")
  var detectorModel: String?

  @Option(help: "Layers of the sandbox, for tests and sanitizers: landlock, seccomp, both with a comma, or none.")
  var sandbox = "landlock,seccomp"

  func run() throws {
    let layers = try sandbox.split(separator: ",").filter { $0 != "none" }.map { name in
      guard let layer = Sandbox.Layer(rawValue: String(name)) else {
        throw ValidationError("there is no layer '\(name)' of the sandbox")
      }
      return layer
    }
    try runDecodeWorker(
      memoryMiB: memory, detector: FaceDetectorChoice(detector, modelPath: detectorModel),
      sandbox: Set(layers))
  }
}
