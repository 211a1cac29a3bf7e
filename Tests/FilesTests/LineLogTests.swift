import Files
import Glibc
import TestSupport
import Testing

@Suite("Line logs")
struct LineLogTests {
  private struct Entry: Codable, Sendable, Equatable {
    var crop: Int
    var score = 0.5
  }

  private let folder = ScratchFolder()

  private func open() throws -> LineLog<Entry> { try LineLog(path: folder.path("log.jsonl")) }

  @Test("a new log is empty, and the next run finds what was appended")
  func resume() throws {
    let log = try open()
    #expect(log.found == [])
    try log.append(Entry(crop: 1))
    try log.append(Entry(crop: 2))
    #expect(try folder.text("log.jsonl") == "{\"crop\":1,\"score\":0.5}\n{\"crop\":2,\"score\":0.5}\n")
    let resumed = try open()
    #expect(resumed.found == [Entry(crop: 1), Entry(crop: 2)])
    try resumed.append(Entry(crop: 3))
    #expect(try open().found.map(\.crop) == [1, 2, 3])
  }

  @Test(
    "a log is truncated before the first invalid line",
    arguments: ["{\"crop\":2,\"sc", "{\"crop\":2,\"score\":0.5}", "nonsense\n{\"crop\":3,\"score\":0.5}\n", "\n"])
  func damage(_ tail: String) throws {
    let whole = "{\"crop\":1,\"score\":0.5}\n"
    try folder.write(whole + tail, to: "log.jsonl")
    let log = try open()
    #expect(log.found == [Entry(crop: 1)])
    #expect(try folder.text("log.jsonl") == whole)
    try log.append(Entry(crop: 4))
    #expect(try open().found.map(\.crop) == [1, 4])
  }

  @Test("a number that JSON cannot represent leaves the log unchanged")
  func notFinite() throws {
    let log = try open()
    #expect(throws: EncodingError.self) { try log.append(Entry(crop: 1, score: .nan)) }
    #expect(try folder.text("log.jsonl") == "")
  }

  @Test("a log in a missing folder is an error with its path")
  func noFolder() {
    let path = folder.path("none/log.jsonl")
    #expect(throws: FilesError(path: path, call: "open", errno: ENOENT)) { try LineLog<Entry>(path: path) }
  }
}
