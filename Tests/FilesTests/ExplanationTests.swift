import Files
import Foundation
import TestSupport
import Testing

@Suite("Explanations of errors")
struct ExplanationTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let expected: String
    /// Fails; the folder has a file `text`, a file `latin` that is not UTF-8 and a folder `folder`.
    let body: @Sendable (ScratchFolder) throws -> Void

    init(_ name: String, _ expected: String, _ body: @escaping @Sendable (ScratchFolder) throws -> Void) {
      testDescription = name
      self.expected = expected
      self.body = body
    }
  }

  private struct Person: Codable {
    var name: String
    var children: [Int]
    var weight = 0.0
  }

  private static func decode(_ json: String) throws {
    _ = try JSONDecoder().decode(Person.self, from: Data(json.utf8))
  }

  private static func url(_ folder: ScratchFolder, _ name: String) -> URL { URL(filePath: folder.path(name)) }

  static let cases = [
    Case("reading a missing file", "there is no such file or folder") { _ = try Data(contentsOf: url($0, "none")) },
    Case("reading a missing file as text", "there is no such file or folder") {
      _ = try String(contentsOfFile: $0.path("none"), encoding: .utf8)
    },
    Case("reading a folder", "it is a folder, not a file") { _ = try Data(contentsOf: url($0, "folder")) },
    Case("reading a folder as text", "it is a folder, not a file") {
      _ = try String(contentsOfFile: $0.path("folder"), encoding: .utf8)
    },
    Case("reading below a file", "a part of the path is a file") { _ = try Data(contentsOf: url($0, "text/none")) },
    Case("reading what is not UTF-8", "not UTF-8 text") {
      _ = try String(contentsOfFile: $0.path("latin"), encoding: .utf8)
    },
    Case("opening a missing file", "there is no such file or folder") {
      _ = try FileHandle(forReadingFrom: url($0, "none"))
    },
    Case("opening a missing file for writing", "there is no such file or folder") {
      _ = try FileHandle(forUpdating: url($0, "none"))
    },
    Case("writing into a missing folder", "there is no such file or folder") {
      try Data().write(to: url($0, "none/file"), options: .atomic)
    },
    Case("writing over a folder", "folder") { try Data().write(to: url($0, "folder")) },
    Case("making a folder below a file", "a part of the path is a file") {
      try FileManager.default.createDirectory(atPath: $0.path("text/folder"), withIntermediateDirectories: true)
    },
    Case("making a folder that exists", "it exists already") {
      try FileManager.default.createDirectory(atPath: $0.path("folder"), withIntermediateDirectories: false)
    },
    Case("listing a missing folder", "there is no such file or folder") {
      _ = try FileManager.default.contentsOfDirectory(atPath: $0.path("none"))
    },
    Case("removing a missing file", "there is no such file or folder") {
      try FileManager.default.removeItem(atPath: $0.path("none"))
    },
    Case("attributes of a missing file", "there is no such file or folder") {
      _ = try FileManager.default.attributesOfItem(atPath: $0.path("none"))
    },
    Case("a full disk", "the disk is full") { _ in throw CocoaError(.fileWriteOutOfSpace) },
    Case("a system call", "permission denied") { _ in throw POSIXError(.EACCES) },
    Case("a system call that fails in a rare way", "input/output error") { _ in throw POSIXError(.EIO) },
    Case("JSON that ends early", "the given data was not valid JSON") { _ in try decode("{\"name\":") },
    Case("a missing key", "the key children is missing") { _ in try decode("{\"name\": \"a\"}") },
    Case("a wrong type", "children[1]: ") { _ in try decode("{\"name\": \"a\", \"children\": [1, \"b\"]}") },
    Case("no value", "name has no value") { _ in try decode("{\"name\": null, \"children\": []}") },
    Case("reading what root cannot read either", "input/output error") { _ in
      _ = try Data(contentsOf: URL(filePath: "/proc/self/mem"))
    },
    Case("a number that JSON cannot hold", "weight cannot be written as JSON: nan") { _ in
      _ = try JSONEncoder().encode(Person(name: "a", children: [], weight: .nan))
    },
    Case("an error with a description of its own", "TestClips") { _ in throw OwnError() },
  ]

  struct OwnError: Error, CustomStringConvertible {
    var description: String { "TestClips" }
  }

  @Test("explain errors to users", arguments: cases)
  func words(_ item: Case) throws {
    let folder = ScratchFolder()
    try folder.write("text", to: "text")
    try Data([0x66, 0xFC, 0x72]).write(to: Self.url(folder, "latin"))
    try FileManager.default.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: false)
    let error = try #require(throws: (any Error).self) { try item.body(folder) }
    let text = explanation(of: error)
    #expect(text.contains(item.expected), "\(text)")
    for word in ["NSCocoa", "Error Domain", "NSPOSIX", "Foundation.", "CodingKeys"] { #expect(!text.contains(word)) }
  }
}
