import Compute
import Foundation
import TestSupport
import Testing
import Verdicts

/// A scan that is killed goes on where it was, and nothing tells from the manifests that it was.
@Suite("kill -9", .heavy)
struct KillTests {
  private static let kills = 50
  private static let clips = 24

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
    // What a killed run leaves there is never read; without it the first row of this run can be seen.
    _ = try? FileManager.default.removeItem(atPath: Self.rows(out))
    let process = Process()
    process.executableURL = URL(filePath: AssayProgram.path)
    // Batches of one crop: a row is written as soon as its video is decoded.
    process.arguments =
      ["scan", videos.path, "-o", out, "-q", "--faces", "whole-frame", "--frames", "1", "--batch", "1"]
    try process.run()
    return process
  }

  /// Waits until the run has written a row or ended, and returns `span`.
  private func waitForRow(_ process: Process, _ out: String, then span: Duration) -> Duration {
    while process.isRunning, size(of: Self.rows(out)) == 0 { usleep(1000) }
    return span
  }

  private static func rows(_ out: String) -> String { out + "/.manifest.jsonl.partial" }

  private func size(of path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0
  }

  /// A run to its end, with the times before and after its first row.
  private func run(_ out: String) throws -> (toFirstRow: Duration, fromFirstRow: Duration) {
    let clock = ContinuousClock()
    let begin = clock.now
    let process = try start(out)
    _ = waitForRow(process, out, then: .zero)
    let firstRow = clock.now
    process.waitUntilExit()
    return (firstRow - begin, clock.now - firstRow)
  }

  @Test("50 scans killed at random instants end in the manifests of one that nobody disturbed")
  func killed() throws {
    try videos.makeOldClip("0.mp4", seconds: 0.1)
    for index in 1..<Self.clips {
      try FileManager.default.linkItem(atPath: videos.path("0.mp4"), toPath: videos.path("\(index).mp4"))
    }
    let undisturbed = try run(output.path("undisturbed"))
    let expected = try Manifests(in: output.path("undisturbed"))
    #expect(expected.lines.count == Self.clips)

    let out = output.path("out")
    var generator = SeededGenerator(seed: 17)
    var (killed, finished) = (0, 0)
    while killed < Self.kills {
      let process = try start(out)
      // Starting takes long and writing rows does not: half of the instants are counted from the first row on.
      let span =
        killed.isMultiple(of: 2)
        ? undisturbed.toFirstRow + undisturbed.fromFirstRow : waitForRow(process, out, then: undisturbed.fromFirstRow)
      usleep(UInt32.random(in: 0...UInt32(span / .microseconds(1)), using: &generator))
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
