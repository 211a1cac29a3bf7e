import Foundation
import Testing

@testable import Runs

@Suite("Input walk")
struct InputWalkTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "walk-\(UUID().uuidString)"
    for sub in ["a", "b/c"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(sub)", withIntermediateDirectories: true)
    }
    for name in ["z.mp4", "a/2.MOV", "a/10.mp4", "a/notes.txt", "b/c/x.webm"] {
      try Data().write(to: URL(filePath: "\(folder)/\(name)"))
    }
  }

  private func walk(_ inputs: [String], follow: Bool = false) -> (found: [String], skipped: InputWalk.Skipped) {
    var found: [String] = []
    let skipped = InputWalk(inputs: inputs.map { Array($0.utf8) }, followSymlinks: follow).forEach {
      found.append(String(decoding: $0, as: UTF8.self).replacingOccurrences(of: folder + "/", with: ""))
      return true
    }
    return (found, skipped)
  }

  @Test("folders are walked to the bottom in byte order, by extension")
  func order() {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(walk([folder]).found == ["a/10.mp4", "a/2.MOV", "b/c/x.webm", "z.mp4"])
  }

  @Test("a file named outright is accepted whatever it is called, even when it does not exist")
  func outright() {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(walk(["\(folder)/a/notes.txt", "\(folder)/gone.mp4"]).found == ["a/notes.txt", "gone.mp4"])
  }

  @Test("inputs that cover each other give each video once")
  func covered() {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(walk(["\(folder)/a/10.mp4", folder, "\(folder)/", "\(folder)/b"]).found.count == 4)
  }

  @Test("symbolic links are left out and counted, or followed without going round in circles")
  func symlinks() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/a/up", withDestinationPath: folder)
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/l.mp4", withDestinationPath: "z.mp4")
    let left = walk([folder])
    #expect(left.found.count == 4)
    #expect(left.skipped.symlinks == 2)
    #expect(walk([folder], follow: true).found == ["a/10.mp4", "a/2.MOV", "b/c/x.webm", "l.mp4", "z.mp4"])
  }

  @Test("names that are no UTF-8 and names with newlines keep their bytes")
  func rawNames() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let names: [[UInt8]] = [[0xFF, 0xFE] + Array(".mp4".utf8), Array("new\nline.mp4".utf8)]
    for name in names {
      let path = Array("\(folder)/a/".utf8) + name + [0]
      let descriptor = path.withUnsafeBytes {
        creat($0.assumingMemoryBound(to: CChar.self).baseAddress!, 0o644)
      }
      #expect(descriptor >= 0)
      close(descriptor)
    }
    var found: [[UInt8]] = []
    _ = InputWalk(inputs: [Array("\(folder)/a".utf8)]).forEach {
      found.append($0)
      return true
    }
    for name in names { #expect(found.contains { $0.suffix(name.count) == name[...] }) }
  }

  @Test("the walk ends when the caller has enough")
  func limit() {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var count = 0
    _ = InputWalk(inputs: [Array(folder.utf8)]).forEach { _ in
      count += 1
      return count < 2
    }
    #expect(count == 2)
  }
}

@Suite("Input list")
struct InputListTests {
  @Test(
    "names a line or between zero bytes",
    arguments: [
      ("a.mp4\nb c.mp4\r\n\n", ["a.mp4", "b c.mp4"]),
      ("a\nb.mp4\0c.mp4\0", ["a\nb.mp4", "c.mp4"]),
      ("", []),
    ])
  func parse(text: String, names: [String]) {
    #expect(InputList.parse(Array(text.utf8)) == names.map { Array($0.utf8) })
  }
}

@Suite("Progress line")
struct ProgressLineTests {
  @Test("says count, rate and time left")
  func text() {
    let line = ProgressLine.line(unit: "videos", done: 5, total: 20, elapsed: 2.5, note: "1 fake")
    #expect(line == "[#####---------------]  5/20 videos  2.0 videos/s  ETA 0:08  1 fake")
  }

  @Test("gives slow rates by the minute and long times in hours")
  func slow() {
    let line = ProgressLine.line(unit: "videos", done: 1, total: 100, elapsed: 60, note: "")
    #expect(line == "[--------------------]  1/100 videos  1.0 videos/min  ETA 1:39:00")
  }
}
