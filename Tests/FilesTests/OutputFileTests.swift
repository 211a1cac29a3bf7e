import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Files

@Suite("Output files")
struct OutputFileTests {
  private let folder = ScratchFolder()

  @Test("an atomic file appears complete and leaves nothing else")
  func publish() throws {
    try folder.write("old", to: "report")
    var file = try AtomicFile(replacing: folder.path("report"))
    try file.write([UInt8](repeating: 65, count: 100_000))
    #expect(try folder.text("report") == "old")
    try file.write([66])
    try file.publish()
    #expect(try folder.text("report") == String(repeating: "A", count: 100_000) + "B")
    #expect(try folder.names() == ["report"])
  }

  @Test("an unpublished atomic file leaves the old file and no temporary one")
  func giveUp() throws {
    try folder.write("old", to: "report")
    do {
      var file = try AtomicFile(replacing: folder.path("report"))
      try file.write([65])
      try file.complete()
      #expect(try folder.names().count == 2)
    }
    #expect(try folder.text("report") == "old")
    #expect(try folder.names() == ["report"])
  }

  @Test("complete files are written from bytes and from text")
  func whole() throws {
    let bytes = (0..<200_000).map { UInt8($0 % 251) }
    try AtomicFile.write(bytes, to: folder.path("bytes"))
    try AtomicFile.write(bytes[7..<9], to: folder.path("slice"))
    try AtomicFile.write("naïve\n", to: folder.path("text"))
    #expect(try Data(contentsOf: URL(filePath: folder.path("bytes"))) == Data(bytes))
    #expect(try Data(contentsOf: URL(filePath: folder.path("slice"))) == Data([7, 8]))
    #expect(try folder.text("text") == "naïve\n")
    #expect(try folder.names() == ["bytes", "slice", "text"])
  }

  @Test("small and large writes keep their order")
  func order() throws {
    var file = try AtomicFile(replacing: folder.path("report"))
    try file.write([65])
    try file.write([UInt8](repeating: 66, count: 70_000))
    try file.write([67])
    try file.publish()
    #expect(try folder.text("report") == "A" + String(repeating: "B", count: 70_000) + "C")
  }

  @Test("an error names the path and the cause")
  func noFolder() throws {
    let path = folder.path("none/report")
    let error = #expect(throws: FilesError(path: path, call: "open", errno: ENOENT)) {
      try AtomicFile.write("x", to: path)
    }
    #expect(error?.description == "cannot write \(path): there is no such file or folder: check the path (open)")
  }

  @Test("two writers of one file do not interfere: the last one to publish wins")
  func twoWriters() throws {
    var first = try AtomicFile(replacing: folder.path("report"))
    var second = try AtomicFile(replacing: folder.path("report"))
    try first.write(Array("first".utf8))
    try second.write(Array("second".utf8))
    try second.publish()
    try first.publish()
    #expect(try folder.text("report") == "first")
    #expect(try folder.names() == ["report"])
  }

  @Test("a growing file is readable, and renamed at the end")
  func appending() throws {
    var file = try AppendingFile(folder.path("rows"))
    try file.append(Array("one\n".utf8))
    let secondStart = file.end
    try file.append(Array("two\n".utf8))
    #expect(try folder.names() == [".rows.partial"])
    #expect(try folder.text(".rows.partial") == "one\ntwo\n")
    #expect(try file.read(at: secondStart, count: 4) == Array("two\n".utf8))
    try file.publish()
    #expect(try folder.names() == ["rows"])
  }

  @Test("unpublished rows are kept until the next run")
  func abandoned() throws {
    do {
      var file = try AppendingFile(folder.path("rows"))
      try file.append(Array("one\n".utf8))
    }
    #expect(try folder.text(".rows.partial") == "one\n")
    _ = try AppendingFile(folder.path("rows")).end
    #expect(try folder.text(".rows.partial") == "")
  }

  @Test("a full disk is an error with that cause")
  func full() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    try #require(descriptor >= 0)
    let file = OutputFile(path: "/out/manifest.jsonl", descriptor: descriptor)
    let error = #expect(throws: FilesError.self) { try file.write([1, 2, 3]) }
    #expect(error == FilesError(path: "/out/manifest.jsonl", call: "write", errno: ENOSPC))
    #expect(try #require(error).description.hasPrefix("cannot write /out/manifest.jsonl: the disk is full"))
  }

  @Test("folders are created with their parents, and an existing file is an error")
  func folders() throws {
    try OutputFolder.create(folder.path("a/b/c"))
    try OutputFolder.create(folder.path("a/b/c/"))
    try OutputFolder.create(folder.path("a"))
    try folder.write("x", to: "file")
    #expect(throws: FilesError(path: folder.path("file"), call: "mkdir", errno: ENOTDIR)) {
      try OutputFolder.create(folder.path("file"))
    }
    #expect(throws: FilesError(path: folder.path("file/x"), call: "mkdir", errno: ENOTDIR)) {
      try OutputFolder.create(folder.path("file/x"))
    }
  }

  @Test(
    "the folder of a path", arguments: [("a", "."), ("a/b", "a"), ("/a", "/"), ("/a/b/c", "/a/b"), ("./x", ".")])
  func containing(_ path: String, _ folder: String) {
    #expect(OutputFolder.containing(path) == folder)
  }
}
