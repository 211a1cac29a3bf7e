import Compute
import Foundation
import TestSupport
import Testing
import Verdicts

/// A scan that is killed goes on where it was, and nothing but the header's `keptRows` shows that it was.
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
      // Which rows earlier runs made is meant to be seen in the header.
      json = try text("manifest.json").replacing(/"(startedAt|finishedAt|host)":"[^"]*"/, with: "")
        .replacing(/"keptRows":\{[^}]*\},?/, with: "")
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

  /// Waits until the run has written so many bytes of rows or ended.
  private func wait(for process: Process, _ out: String, bytes: Int = 1) {
    while process.isRunning, size(of: Self.rows(out)) < bytes { usleep(1000) }
  }

  private static func rows(_ out: String) -> String { out + "/.manifest.jsonl.partial" }

  private func size(of path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0
  }

  @Test("50 scans killed at random times lead to the manifests of an undisturbed scan")
  func killed() throws {
    try videos.makeOldClip("0.mp4", seconds: 0.1)
    for index in 1..<Self.clips {
      try videos.copy("0.mp4", to: "\(index).mp4")
    }
    let clock = ContinuousClock()
    let first = try start(output.path("undisturbed"))
    var startup = clock.measure { wait(for: first, output.path("undisturbed")) }
    first.waitUntilExit()
    let expected = try Manifests(in: output.path("undisturbed"))
    #expect(expected.lines.count == Self.clips)

    let bytes = try output.text("undisturbed/manifest.jsonl").utf8.count
    let out = output.path("out")
    var generator = SeededGenerator(seed: 17)
    var (killed, finished) = (0, 0)
    while killed < Self.kills {
      let process = try start(out)
      let share = Double.random(in: 0...1, using: &generator)
      if killed.isMultiple(of: 2) {
        usleep(UInt32(share * (startup / .microseconds(1))))
      } else {
        // Starting takes long and writing rows does not: half of the instants are counted in rows. How long starting
        // takes is measured again each time, since other work on the machine changes it.
        startup = clock.measure { wait(for: process, out) }
        wait(for: process, out, bytes: Int(share * Double(bytes)))
        usleep(UInt32.random(in: 0...2000, using: &generator))
      }
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
