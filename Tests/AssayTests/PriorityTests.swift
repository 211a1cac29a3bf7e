import Foundation
import TestSupport
import Testing

@Suite("Scheduling priority", .heavy)
struct PriorityTests {
  /// Nice values of a process's threads; empty when it has ended.
  private func niceValues(of process: String) -> [Int] {
    let tasks = "/proc/\(process)/task"
    return names(in: tasks).compactMap { task in
      // What follows the name, which is in parentheses, begins with field 3; the nice value is field 19.
      text("\(tasks)/\(task)/stat").split(separator: ")").last?.split(separator: " ").dropFirst(16).first
        .flatMap { Int($0) }
    }
  }

  private func children(of process: String) -> [String] {
    let tasks = "/proc/\(process)/task"
    return names(in: tasks).flatMap { task in
      text("\(tasks)/\(task)/children").split(separator: " ").map { String($0) }
    }
  }

  // Threads and processes may end at any instant; those that have are no part of the answer.
  private func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

  @Test("threads and decoder processes keep the nice value of the scan")
  func niceScan() throws {
    let output = ScratchFolder()
    let films = try output.draw("couple.mp4", "portrait.mp4", into: "films")
    let scan = Process()
    scan.executableURL = URL(filePath: "/usr/bin/env")
    scan.arguments = ["nice", "-n", "10", AssayProgram.path, "scan", films, "-o", output.path("out"), "--workers", "2"]
    scan.standardOutput = FileHandle.nullDevice
    scan.standardError = FileHandle.nullDevice
    try scan.run()
    let program = String(scan.processIdentifier)
    var own: Set<Int> = []
    var decoders: Set<Int> = []
    var mostThreads = 0
    while scan.isRunning {
      let started = children(of: program)
      // Before the first child, the process may still be `env` or `nice`.
      if !started.isEmpty {
        let values = niceValues(of: program)
        mostThreads = max(mostThreads, values.count)
        own.formUnion(values)
      }
      for child in started { decoders.formUnion(niceValues(of: child)) }
      usleep(2000)
    }
    #expect(scan.terminationStatus == 0)
    #expect(mostThreads > 4, "threads of the stages were seen")
    let value = try #require(own.first)
    #expect(value > 0)
    #expect(own == [value])
    #expect(decoders == [value])
  }
}
