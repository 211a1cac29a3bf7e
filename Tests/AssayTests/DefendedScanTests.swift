import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay scan --defence and --detect-perturbed", .heavy)
struct DefendedScanTests {
  private let output = ScratchFolder()

  private func film() throws -> String {
    let tool = URL(filePath: AssayProgram.path).deletingLastPathComponent().appending(path: "DevTools").path
    let result = try ExternalProgram.run([tool, "draw", output.path("films"), "portrait.mp4"])
    try #require(result.code == 0, "\(result.output)")
    return output.path("films")
  }

  private func scan(_ films: String, _ name: String, _ more: [String]) throws -> VideoRecord {
    let result = try AssayProgram.run(["scan", films, "-o", output.path(name), "--frames", "3", "-q"] + more)
    #expect(result.code == 0, "\(result.output)")
    return try #require(try AssayProgram.manifest(in: output.path(name)).videos.first)
  }

  /// A flag of the built-in model with a threshold of one's own.
  private func flag(_ name: String, threshold: Double, sha256: String) throws -> String {
    let path = output.path(name)
    let text = """
      {"model":"standard","modelSHA256":"\(sha256)","changes":["noise:3","noise:3","resize:92","resize:92","jpeg:80",\
      "median:3"],"threshold":\(threshold),"falseAlarmRate":0.05,"fitted":100}
      """
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  @Test("a defence changes the score deterministically, and is recorded in the settings")
  func defence() throws {
    let films = try film()
    let plain = try scan(films, "plain", [])
    let (first, again) = (
      try scan(films, "first", ["--defence", "resize:80+jpeg:40"]),
      try scan(films, "again", ["--defence", "resize:80+jpeg:40", "--batch", "1"])
    )
    #expect(first.finding.score != plain.finding.score && first.finding.score != nil)
    #expect(again.finding == first.finding)
    #expect(first.context.settings.values["defence"] == "resize:80+jpeg:40")
    #expect(plain.context.settings.values["defence"] == nil)
    let verified = try AssayProgram.run("verify", output.path("first"))
    #expect(verified.code == 0 && verified.output == "1 of 1 video verified: 1 same\n", "\(verified.output)")
    let result = try AssayProgram.run("scan", films, "-o", output.path("wrong"), "--defence", "magic")
    #expect(result.code == 64 && result.output.contains("unknown defence 'magic'; expected jpeg:QUALITY"))
  }

  @Test("a report applies the scan's defence, so that its pictures show the network's input")
  func report() throws {
    let films = try film()
    // All faces count as fake, so that there is a segment to cut.
    _ = try scan(
      films, "out", ["--defence", "resize:80+jpeg:40", "--threshold", "0.001", "--report", "--clips"])
    let page = try output.text("out/report.html")
    #expect(page.contains("id=\"pictures-0\"") && !page.contains("\"problem\""))
    #expect(page.contains("after the defence resize:80+jpeg:40, as input to the network"))
    let clips = try FileManager.default.contentsOfDirectory(atPath: output.path("out/report.clips"))
    #expect(clips.count { $0.hasSuffix(".mp4") } == 1)
  }

  @Test("disagreement above the threshold is flagged with a warning; a flag of another model is refused")
  func flags() throws {
    let films = try film()
    let plain = try scan(films, "plain", [])
    #expect(plain.perturbedInput == nil)
    let sha256 = plain.context.model.sha256
    let low = try scan(films, "low", ["--detect-perturbed", try flag("low.json", threshold: 0, sha256: sha256)])
    let high = try scan(films, "high", ["--detect-perturbed", try flag("high.json", threshold: 99, sha256: sha256)])
    #expect(low.finding == plain.finding && high.finding == plain.finding)
    let record = try #require(low.perturbedInput)
    #expect(record.isFlagged && record.disagreement > 0 && record.threshold == 0 && record.falseAlarmRate == 0.05)
    #expect(low.warnings.contains { $0.code == .perturbedInput })
    #expect(high.perturbedInput?.isFlagged == false && high.perturbedInput?.disagreement == record.disagreement)
    #expect(!high.warnings.contains { $0.code == .perturbedInput })
    #expect(high.context.settings.values["detectPerturbed"] == "disagreement above 99.0")
    let other = try flag("other.json", threshold: 1, sha256: String(repeating: "0", count: 64))
    let result = try AssayProgram.run("scan", films, "-o", output.path("wrong"), "--detect-perturbed", other)
    #expect(result.code == 2 && result.output.contains("it was fitted to standard"))
  }
}
