import Foundation
import TestSupport
import Testing
import Verdicts

/// Commands other than a scan that a signal ends early: none may pass partial results off as complete ones.
@Suite("Interrupted commands", .heavy)
struct InterruptionTests {
  private let work = ScratchFolder()

  /// Runs a command whose decoders start slowly, and sends it a signal once the first of them has started.
  private func interrupt(_ command: String) throws -> (code: Int32, output: String, errors: String) {
    for label in ["real", "fake"] {
      try FileManager.default.createDirectory(atPath: work.path("films/\(label)"), withIntermediateDirectories: true)
      for index in 0..<8 { try work.makeClip("films/\(label)/\(label)\(index).mp4", seconds: 0.2) }
    }
    try work.write(
      "#!/bin/sh\ntouch '\(work.path("started"))'\nsleep 1\nexec '\(AssayProgram.path)' \"$@\"\n", to: "decoder")
    try #require(chmod(work.path("decoder"), 0o755) == 0)
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: AssayProgram.path)
    process.currentDirectoryURL = URL(filePath: work.path)
    process.environment = ProcessInfo.processInfo.environment.merging(["ASSAY_EXECUTABLE": work.path("decoder")]) { $1 }
    process.arguments = command.split(separator: " ").map(String.init)
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    while process.isRunning, !FileManager.default.fileExists(atPath: work.path("started")) { usleep(20_000) }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    func text(_ pipe: Pipe) throws -> String {
      String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }
    return (process.terminationStatus, try text(output), try text(errors))
  }

  @Test("evaluate on videos measures nothing")
  func evaluate() throws {
    let result = try interrupt("evaluate paper films --part all")
    #expect(result.code == 130, "\(result)")
    #expect(result.output.isEmpty && result.errors.contains("nothing was measured"), "\(result)")
  }

  @Test("plan --minutes writes no plan")
  func plan() throws {
    let result = try interrupt("plan films -o plan --minutes 1")
    #expect(result.code == 130 && result.errors.contains("no plan was written"), "\(result)")
    #expect(!FileManager.default.fileExists(atPath: work.path("plan")))
  }

  @Test("crops says how many files are left")
  func crops() throws {
    let result = try interrupt("crops films -o crops")
    #expect(result.code == 130 && result.output.contains("are still to be read"), "\(result)")
  }
}
