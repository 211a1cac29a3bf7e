import Foundation
import TestSupport
import Verdicts

/// The built `assay`, run as a user runs it.
enum AssayProgram {
  /// Beside the test runner.
  static let path: String = {
    let runner = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return runner.deletingLastPathComponent().appending(path: "assay").path
  }()

  static func run(_ arguments: String...) throws -> ExternalProgram.Result { try run(arguments) }

  static func run(_ arguments: [String]) throws -> ExternalProgram.Result {
    try ExternalProgram.run([path] + patient(arguments))
  }

  /// The arguments of a scan with a time limit per video that no busy machine reaches, unless they name one.
  static func patient(_ arguments: [String]) -> [String] {
    arguments.first == "scan" && !arguments.contains("--timeout") ? arguments + ["--timeout", "3600"] : arguments
  }

  /// A run whose decoder processes are a script, run by the shell; `$ASSAY` in it is the real program.
  static func run(
    _ arguments: [String], decoder script: String, keptIn folder: ScratchFolder
  ) throws -> ExternalProgram.Result {
    try folder.write("#!/bin/sh\nASSAY='\(path)'\n\(script)\n", to: "decoder")
    guard chmod(folder.path("decoder"), 0o755) == 0 else { throw POSIXError(.EACCES) }
    return try ExternalProgram.run(["ASSAY_EXECUTABLE=\(folder.path("decoder"))", path] + patient(arguments))
  }

  static func manifest(in folder: String) throws -> Manifest {
    try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: URL(filePath: folder + "/manifest.json")))
  }
}

extension Manifest {
  /// The row of the video of that name.
  func video(_ name: String) -> VideoRecord? {
    videos.first { $0.source.path.fileName.text == name }
  }
}

extension ScratchFolder {
  /// A second of moving colour bars, without a face.
  func makeClip(_ name: String, seconds: Double = 1) throws {
    let result = try ExternalProgram.run([
      "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25:duration=\(seconds)", "-c:v",
      "libx264", "-pix_fmt", "yuv420p", path(name),
    ])
    guard result.code == 0 else { throw ClipError(output: result.output) }
  }

  /// Draws sample clips into a folder in this one.
  ///
  /// - Returns: the folder's path.
  func draw(_ names: String..., into place: String) throws -> String {
    let tool = URL(filePath: AssayProgram.path).deletingLastPathComponent().appending(path: "DevTools").path
    for name in names {
      let result = try ExternalProgram.run([tool, "draw", path(place), name])
      guard result.code == 0 else { throw ClipError(output: result.output) }
    }
    return path(place)
  }

  struct ClipError: Error {
    let output: String
  }
}
