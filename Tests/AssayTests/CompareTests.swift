import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay compare, assay history", .heavy)
struct CompareTests {
  private let output = ScratchFolder()

  init() throws {
    for folder in ["films", "others"] {
      try FileManager.default.createDirectory(atPath: output.path(folder), withIntermediateDirectories: false)
    }
  }

  private func scan(_ more: String..., into folder: String) throws {
    let result = try AssayProgram.run(
      ["scan", output.path("films"), "-o", output.path(folder), "-q", "--frames", "2", "--faces", "whole-frame"] + more)
    #expect(result.code == 0, "\(result.output)")
  }

  @Test("verdicts that change are counted by direction and listed; other content and other files are kept apart")
  func changes() throws {
    for name in ["a", "b", "c"] { try output.makeOldClip("films/\(name).mp4") }
    try scan(into: "old")
    let scores = try AssayProgram.manifest(in: output.path("old")).videos.compactMap(\.finding.score)
    let score = try #require(scores.first)
    // Every video lies above this threshold, so the new run flags all of them.
    try output.makeClip("films/c.mp4", seconds: 0.8)
    try output.makeOldClip("films/d.mp4")
    try scan("--threshold", "\(score / 2)", into: "new")

    let result = try AssayProgram.run(
      ["compare", output.path("old"), output.path("new"), "-o", output.path("page"), "--json"])
    #expect(result.code == 0, "\(result.output)")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: output.path("page/compare.json"))))
        as? [String: Any])
    func count(_ key: String) -> Int? { json[key] as? Int }
    #expect(count("compared") == 2 && count("onlyNew") == 1 && count("onlyOld") == 0 && count("otherContent") == 1)
    let before = try AssayProgram.manifest(in: output.path("old")).videos.prefix(2)
    let flagged = before.count { [.fake, .undecided].contains($0.finding.verdict) }
    #expect(count("newlyFlagged") == 2 - flagged && count("noLongerFlagged") == 0)
    #expect(json["meanAbsoluteShift"] as? Double == 0)
    let changed = before.count { $0.finding.verdict != .fake }
    let table = try output.text("page/changes.csv").split(whereSeparator: \.isNewline)
    #expect(table.count == 1 + changed && table[0] == "path,oldVerdict,newVerdict,oldScore,newScore")
    #expect(try output.text("page/index.html").contains("Two runs compared"))

    let text = try AssayProgram.run(["compare", output.path("old/manifest.json"), output.path("new/manifest.jsonl")])
    #expect(text.code == 0 && text.output.contains("2 videos in both runs"), "\(text.output)")
    try output.makeClip("others/z.mp4", seconds: 0.2)
    let other = try AssayProgram.run([
      "scan", output.path("others"), "-o", output.path("third"), "-q", "--frames", "2", "--faces", "whole-frame",
    ])
    #expect(other.code == 0, "\(other.output)")
    let apart = try AssayProgram.run(["compare", output.path("old"), output.path("third")])
    #expect(apart.code == 2 && apart.output.contains("no video is in both"), "\(apart.output)")
  }

  @Test("a new model is rolled out over nights: new videos get its verdicts, old rows stay and are marked")
  func rollOut() throws {
    for name in ["a", "b"] { try output.makeOldClip("films/\(name).mp4") }
    try scan("--model", "paper", into: "out")
    let paper = try AssayProgram.manifest(in: output.path("out")).run.context.model
    let doctor = try AssayProgram.run(["doctor", "-o", output.path("out")])
    #expect(doctor.code == 0 && doctor.output.contains("scans 2 of them again"), "\(doctor.output)")
    #expect(doctor.output.contains("--keep-verdicts-of \(paper.sha256.prefix(12))"), "\(doctor.output)")

    try output.makeOldClip("films/c.mp4")
    try scan("--keep-verdicts-of", String(paper.sha256.prefix(12)), into: "out")
    let videos = try AssayProgram.manifest(in: output.path("out")).videos
    #expect(videos.map(\.context.model.name) == [paper.name, paper.name, "standard"])
    #expect(videos.map { $0.warnings.contains { $0.code == .otherModel } } == [true, true, false])
    let verified = try AssayProgram.run(["verify", output.path("out")])
    #expect(verified.code == 3 && !verified.output.contains("the recorded row is not"), "\(verified.output)")

    try scan(into: "out")
    #expect(
      try AssayProgram.manifest(in: output.path("out")).videos.allSatisfy {
        $0.context.model.name == "standard" && !$0.warnings.contains { $0.code == .otherModel }
      })
    let wrong = try AssayProgram.run([
      "scan", output.path("films"), "-o", output.path("x"), "--keep-verdicts-of", "zzz",
    ])
    #expect(wrong.code == 64 && wrong.output.contains("SHA-256"), "\(wrong.output)")
  }

  @Test("runs are listed with what they scanned; the header has the distribution of all rows, and metrics have both")
  func history() throws {
    for index in 0..<6 { try output.makeOldClip("films/\(index).mp4") }
    try scan(into: "out")
    for index in 6..<8 { try output.makeOldClip("films/\(index).mp4") }
    try output.makeOldClip("films/8.avi")
    try scan("--metrics", output.path("assay.prom"), into: "out")

    let distribution = try #require(try AssayProgram.manifest(in: output.path("out")).run.distribution)
    #expect(distribution.videos == 9 && distribution.scoreTenths.reduce(0, +) == 9)
    #expect(distribution.codecs.values.reduce(0, +) == 9 && distribution.containers["avi"] == 1)
    let metrics = try output.text("assay.prom")
    #expect(metrics.contains("assay_scanned_containers{container=\"avi\"} 1.0"), "\(metrics)")
    #expect(metrics.contains("assay_shift{of=\"scores\"}"), "\(metrics)")

    let listed = try AssayProgram.run(["history", output.path("out"), "-o", output.path("page")])
    #expect(listed.code == 0, "\(listed.output)")
    let lines = listed.output.split(separator: "\n")
    #expect(lines.count > 3 && lines[1].split(separator: " ")[2] == "6" && lines[2].split(separator: " ")[2] == "3")
    for name in ["index.html", "history.json", "verdicts.svg", "shift.svg"] {
      #expect(FileManager.default.fileExists(atPath: output.path("page/\(name)")))
    }
    let verified = try AssayProgram.run(["verify", output.path("out")])
    #expect(verified.code == 0, "\(verified.output)")
    let none = try AssayProgram.run(["history", output.path("films")])
    #expect(none.code == 2 && none.output.contains("there is no ledger"), "\(none.output)")
  }
}
