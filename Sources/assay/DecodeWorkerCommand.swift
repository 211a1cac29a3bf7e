import ArgumentParser
import Workflows

/// The decoder process that a scan starts; not for people.
struct DecodeWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode-worker", abstract: "Decode videos for a scan (started by assay itself).",
    shouldDisplay: false)

  @Option(help: "Address space in MiB.")
  var memory: Int

  @Option(help: "ONNX file of the face detector.")
  var detectorModel: String?

  func run() throws {
    try runDecodeWorker(memoryMiB: memory, detectorModel: detectorModel)
  }
}
