import Foundation
import TestSupport
import Testing
import Verdicts

@testable import Runs

@Suite("Input walk")
struct InputWalkTests {
  private let scratch = ScratchFolder()
  private var folder: String { scratch.path }

  init() throws {
    for sub in ["a", "b/c"] {
      try FileManager.default.createDirectory(atPath: scratch.path(sub), withIntermediateDirectories: true)
    }
    for name in ["z.mp4", "a/2.MOV", "a/10.mp4", "a/1-notes", "b/c/x.webm"] { try scratch.write("", to: name) }
  }

  private func walk(
    _ inputs: [String], follow: Bool = false, onlyExtensions: Bool = false
  ) -> (found: [String], report: InputWalk.Report) {
    var found: [String] = []
    let report = InputWalk(
      inputs: inputs.map { Array($0.utf8) }, followSymlinks: follow, onlyExtensions: onlyExtensions
    ).forEach { file in
      let name = String(decoding: file.path, as: UTF8.self).replacing(folder + "/", with: "")
      found.append(file.needsProbe ? name + "?" : name)
      return true
    }
    return (found, report)
  }

  @Test("folders are walked to the bottom in byte order; names of videos come first in each")
  func order() {
    #expect(walk([folder]).found == ["a/10.mp4", "a/2.MOV", "a/1-notes?", "b/c/x.webm", "z.mp4"])
    let byName = walk([folder], onlyExtensions: true)
    #expect(byName.found == ["a/10.mp4", "a/2.MOV", "b/c/x.webm", "z.mp4"])
    #expect(byName.report.leftOut[.fileExtension] == 1)
  }

  @Test("a file named outright is accepted whatever it is called, even when it does not exist")
  func outright() {
    #expect(walk(["\(folder)/a/1-notes", "\(folder)/gone.mp4"]).found == ["a/1-notes", "gone.mp4"])
    #expect(walk(["\(folder)/a/1-notes", folder]).found.contains("a/1-notes"))
  }

  @Test("inputs that cover each other, or are other spellings of each other, give each video once")
  func covered() {
    #expect(walk(["\(folder)/a/10.mp4", folder, "\(folder)/", "\(folder)/b"]).found.count == 5)
    let spellings = ["\(folder)/a/10.mp4", "\(folder)/b/../a/10.mp4", "\(folder)//a/./10.mp4"]
    #expect(walk(spellings).found == ["a/10.mp4"])
  }

  @Test("symbolic links are left out and counted, or followed without going round in circles")
  func symlinks() throws {
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/a/up", withDestinationPath: folder)
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/l.mp4", withDestinationPath: "z.mp4")
    let left = walk([folder])
    #expect(left.found.count == 5)
    #expect(left.report.leftOut[.symlink] == 2)
    #expect(walk([folder], follow: true).found.contains("l.mp4"))
    #expect(walk([folder], follow: true).found.count == 6)
  }

  @Test("an input folder that is a symbolic link is its target")
  func linkedRoot() throws {
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/latest", withDestinationPath: "a")
    #expect(walk(["\(folder)/latest"]).found == ["a/10.mp4", "a/2.MOV", "a/1-notes?"])
  }

  @Test("a folder that vanishes while it is walked is a failure, and so is what cannot be opened")
  func vanished() {
    let report = InputWalk(inputs: [Array(folder.utf8)]).forEach { file in
      if file.path.suffix(6) == Array("10.mp4".utf8)[...] {
        // The walk has listed the folder; the next name in it is gone.
        _ = try? FileManager.default.removeItem(atPath: folder + "/a")
      }
      return true
    }
    #expect(report.failures.map(\.path.text) == [folder + "/a"])
    #expect(report.failures.map(\.errno) == [Int(ENOENT)])
  }

  @Test("metadata of network storage and AppleDouble files are left out, videos with such names are not")
  func metadata() throws {
    try FileManager.default.createDirectory(atPath: scratch.path("a/@eaDir"), withIntermediateDirectories: true)
    try scratch.write("", to: "a/@eaDir/10.mp4")
    try Data([0, 5, 0x16, 7, 0]).write(to: URL(filePath: scratch.path("a/._10.mp4")))
    try scratch.write("anything else", to: "a/._2.mp4")
    let (found, report) = walk([scratch.path("a")])
    #expect(found == ["a/._2.mp4", "a/10.mp4", "a/2.MOV", "a/1-notes?"])
    #expect(report.leftOut[.metadata] == 2)
  }

  @Test("products of assay are left out in the folder that they were written to, not in a copy of it")
  func products() throws {
    try ProductMarker.mark(["10.mp4"], in: scratch.path("a"))
    try ProductMarker.mark(["2.MOV"], in: scratch.path("a"))
    #expect(walk([scratch.path("a")]).found == ["a/1-notes?"])
    #expect(walk([scratch.path("a")]).report.leftOut[.ownProduct] == 3)
    #expect(walk([scratch.path("a/10.mp4")]).found == ["a/10.mp4"])
    try FileManager.default.copyItem(atPath: scratch.path("a"), toPath: scratch.path("copy"))
    #expect(walk([scratch.path("copy")]).found.count == 4)
  }

  @Test("names that are no UTF-8 and names with newlines keep their bytes")
  func rawNames() throws {
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
      found.append($0.path)
      return true
    }
    for name in names { #expect(found.contains { $0.suffix(name.count) == name[...] }) }
  }

  @Test("the walk ends when the caller has enough")
  func limit() {
    var count = 0
    let report = InputWalk(inputs: [Array(folder.utf8)]).forEach { _ in
      count += 1
      return count < 2
    }
    #expect(count == 2 && !report.isFinished)
  }
}

@Suite("Moved roots")
struct MovedRootsTests {
  @Test("the deepest folder counts, at whole names")
  func paths() throws {
    let moves = try MovedRoots(["/srv=/mnt/old", "/srv/up/=/mnt/new", "/=/elsewhere"])
    func moved(_ path: String) -> String { String(decoding: moves.path(Array(path.utf8)), as: UTF8.self) }
    #expect(moved("/srv/up/a.mp4") == "/mnt/new/a.mp4")
    #expect(moved("/srv/a.mp4") == "/mnt/old/a.mp4")
    #expect(moved("/srvs/a.mp4") == "/elsewhere/srvs/a.mp4")
    #expect(throws: WorkflowError.self) { try MovedRoots(["/srv"]) }
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
