import Foundation
import TestSupport
import Testing
import Verdicts

/// A scan that is killed goes on where it was, and nothing tells from the manifests that it was.
@Suite("kill -9")
struct KillTests {
  private static let kills = 50
  private static let clips = 12

  private let videos = ScratchFolder()
  private let output = ScratchFolder()

  /// The manifests without what depends on time and machine; the order of the lines is that of their arrival.
  private struct Manifests: Equatable {
    let json: String
    let lines: [Substring]
    let table: String
    let submission: String

    init(in folder: String) throws {
      func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
      json = try text("manifest.json").replacing(/"(startedAt|finishedAt|host)":"[^"]*"/, with: "")
      lines = try text("manifest.jsonl").split(separator: "\n").sorted()
      table = try text("manifest.csv")
      submission = try text("submission.csv")
    }
  }

  private func start(_ out: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: AssayProgram.path)
    // Batches of one crop: a row is written as soon as its video is decoded.
    process.arguments =
      ["scan", videos.path, "-o", out, "-q", "--faces", "whole-frame", "--frames", "1", "--batch", "1"]
    try process.run()
    return process
  }

  @Test("50 scans killed at random instants end in the manifests of one that nobody disturbed")
  func killed() throws {
    try videos.makeOldClip("0.mp4", seconds: 0.1)
    for index in 1..<Self.clips {
      try FileManager.default.linkItem(atPath: videos.path("0.mp4"), toPath: videos.path("\(index).mp4"))
    }
    let undisturbed = ContinuousClock().measure { try? start(output.path("undisturbed")).waitUntilExit() }
    let expected = try Manifests(in: output.path("undisturbed"))
    #expect(expected.lines.count == Self.clips)

    let out = output.path("out")
    var random = SystemRandomNumberGenerator()
    var (killed, finished) = (0, 0)
    while killed < Self.kills {
      let process = try start(out)
      usleep(UInt32.random(in: 0...UInt32(undisturbed / .microseconds(1)), using: &random))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal {
        killed += 1
      } else {
        // It was faster than its end: compare, and start from nothing.
        #expect(try Manifests(in: out) == expected)
        try FileManager.default.removeItem(atPath: out)
        finished += 1
      }
    }
    let last = try start(out)
    last.waitUntilExit()
    #expect(last.terminationStatus == 0)
    #expect(try Manifests(in: out) == expected)
    print("\(killed) scans killed, \(finished) came to their end between them")
  }
}
