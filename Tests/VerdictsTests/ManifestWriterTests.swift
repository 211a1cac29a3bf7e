import Files
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Verdicts

@Suite("Manifest writer")
struct ManifestWriterTests {
  private let folder = ScratchFolder()

  private func write(_ records: [VideoRecord], to name: String = "out", startedAt: Int64 = 0) throws {
    var writer = try ManifestWriter(folder: folder.path(name))
    for record in records { try writer.append(record) }
    let summary = writer.summary
    try writer.finish(header: Examples.header(summary, startedAt: startedAt))
  }

  private func manifest(_ name: String = "out") throws -> Manifest {
    try JSONDecoder().decode(Manifest.self, from: Data(folder.text("\(name)/manifest.json").utf8))
  }

  @Test("writes four files, and no others")
  func files() throws {
    try write(try Examples.all())
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).sorted()
    #expect(names == ["manifest.csv", "manifest.json", "manifest.jsonl", "submission.csv"])
  }

  @Test("manifest.jsonl has the rows in order of arrival, manifest.json sorted by path")
  func order() throws {
    let records = try Examples.all()
    try write(records)
    let lines = try folder.text("out/manifest.jsonl").split(separator: "\n")
    #expect(try lines.map { try ManifestJSON.record(line: Array($0.utf8), file: "") } == records)
    let manifest = try manifest()
    #expect(
      manifest.videos.map(\.source.path.text) == [
        "a/real.mp4", "b/wall.mp4", "b/\u{FFFD}% ", "m/broken.mp4", "z/fake.mp4",
      ])
    #expect(manifest.run.counts.videos == 5)
    #expect(manifest.run.counts.count(.failed) == 1)
    let csv = try folder.text("out/manifest.csv").split(separator: "\r\n")
    #expect(csv.count == 6)
    #expect(csv[0].hasPrefix("path,pathBytes,verdict,score"))
    #expect(csv[3].hasPrefix("b/\u{FFFD}% ,b/%FF%25%20,undecided,"))
    let submission = try folder.text("out/submission.csv").split(separator: "\r\n")
    #expect(submission[0] == "filename,label")
    #expect(submission.contains("broken.mp4,"))
  }

  @Test("the written manifest equals an encoded one")
  func sameAsValue() throws {
    let records = try Examples.all()
    try write(records)
    let manifest = try manifest()
    #expect(manifest == Manifest(run: manifest.run, videos: records))
  }

  @Test("sorted files do not depend on the order of videos, and a second run is identical")
  func deterministic() throws {
    let records = try Examples.all()
    try write(records, to: "first")
    try write(records.reversed(), to: "second")
    for file in ["manifest.json", "manifest.csv", "submission.csv"] {
      #expect(try folder.text("first/\(file)") == folder.text("second/\(file)"))
    }
    try write(records, to: "third", startedAt: 5)
    let first = try folder.text("first/manifest.json").split(separator: "\n")
    let third = try folder.text("third/manifest.json").split(separator: "\n")
    #expect(zip(first, third).filter { $0 != $1 }.count == 1)
  }

  @Test("a run without videos writes a manifest")
  func empty() throws {
    try write([])
    #expect(try manifest().videos == [])
    #expect(try folder.text("out/submission.csv") == "filename,label\r\n")
  }

  @Test("a killed run leaves the old manifests and its own complete rows")
  func interrupted() throws {
    let records = try Examples.all()
    try write([records[0]])
    do {
      var writer = try ManifestWriter(folder: folder.path("out"))
      try writer.append(records[1])
      try writer.append(records[2])
    }
    #expect(try manifest().videos == [records[0]])
    let partial = try folder.text("out/.manifest.jsonl.partial").split(separator: "\n")
    #expect(try partial.map { try ManifestJSON.record(line: Array($0.utf8), file: "") } == [records[1], records[2]])
  }

  @Test(
    "a full disk is an error, and the old manifests stay",
    .enabled(if: ExternalProgram.canMount, "no file system can be mounted here"))
  func fullDisk() throws {
    let disk = folder.path("disk")
    try OutputFolder.create(disk)
    let mounted = try ExternalProgram.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk])
    try #require(mounted.code == 0, "\(mounted.output)")
    defer { _ = try? ExternalProgram.run(["umount", disk]) }  // What stays mounted goes with the container.
    let records = try Examples.all()
    try write([records[0]], to: "disk/out")
    let before = try folder.text("disk/out/manifest.json")

    let error = #expect(throws: FilesError.self) {
      try write((0..<200).map { Examples.failed(VideoPath("video \($0).mp4")) }, to: "disk/out")
    }
    #expect(error?.errno == ENOSPC)
    #expect(try folder.text("disk/out/manifest.json") == before)
    let partial = try folder.text("disk/out/.manifest.jsonl.partial")
    #expect(partial.hasSuffix("\n"))
    for line in partial.split(separator: "\n") { _ = try ManifestJSON.record(line: Array(line.utf8), file: "") }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("disk/out"))
    #expect(!names.contains { $0.hasSuffix(".tmp") })
  }

  @Test("a folder that vanishes is an error")
  func vanishes() throws {
    #expect(throws: FilesError(path: folder.path("out/manifest.json"), call: "open", errno: ENOENT)) {
      var writer = try ManifestWriter(folder: folder.path("out"))
      try writer.append(Examples.noFace("a"))
      try FileManager.default.removeItem(atPath: folder.path("out"))
      try writer.finish(header: Examples.header(RunSummary()))
    }
  }
}
