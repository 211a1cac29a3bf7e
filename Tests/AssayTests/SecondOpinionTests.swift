import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay scan --second-opinion", .heavy)
struct SecondOpinionTests {
  private let output = ScratchFolder()

  private func scan(_ films: String, _ name: String, _ more: [String]) throws -> Manifest {
    let result = try AssayProgram.run(["scan", films, "-o", output.path(name), "--frames", "3", "-q"] + more)
    #expect(result.code == 0, "\(result.output)")
    return try AssayProgram.manifest(in: output.path(name))
  }

  @Test("another model's score is recorded and does not change the verdict; null without a face")
  func opinion() throws {
    let tool = URL(filePath: AssayProgram.path).deletingLastPathComponent().appending(path: "DevTools").path
    let films = output.path("films")
    let drawn = try ExternalProgram.run([tool, "draw", films, "portrait.mp4"])
    try #require(drawn.code == 0, "\(drawn.output)")
    try output.makeClip("films/bars.mp4")
    let plain = try scan(films, "plain", ["--model", "paper"])
    let asked = try scan(films, "asked", ["--model", "paper", "--second-opinion", "hardened"])
    let own = try scan(films, "own", ["--model", "hardened"])
    #expect(asked.videos.map(\.finding) == plain.videos.map(\.finding))
    #expect(plain.videos.allSatisfy { $0.secondOpinion == nil })
    let record = try #require(asked.video("portrait.mp4")?.secondOpinion)
    #expect(record.model == own.videos[0].context.model)
    // The hardened network gets the 256 pixels of the paper's crops brought to its 128, not crops of its own.
    let score = try #require(record.score)
    #expect(abs(score - (try #require(own.video("portrait.mp4")?.finding.score))) < 0.1)
    let none = try #require(asked.video("bars.mp4")?.secondOpinion)
    #expect(none.score == nil)
    let lines = try output.text("asked/manifest.jsonl")
    #expect(lines.contains("\"secondOpinion\":{") && lines.contains("\"score\":null}"))
    #expect(asked.videos[0].context.settings.values["secondOpinion"]?.hasPrefix("hardened") == true)
    let csv = try output.text("asked/manifest.csv").split(separator: "\r\n")
    let row = try #require(csv.first { $0.contains("portrait.mp4") })
    let column = try #require(csv[0].split(separator: ",").firstIndex(of: "secondOpinion"))
    #expect(Double(row.split(separator: ",", omittingEmptySubsequences: false)[column]) == score)
    // The standard model's crops show less of a head than these two take.
    let other = try AssayProgram.run("scan", films, "-o", output.path("y"), "--second-opinion", "paper")
    #expect(other.code == 2 && other.output.contains("margin 0.3"))
    let result = try AssayProgram.run("scan", films, "-o", output.path("x"), "--second-opinion", films + "/bars.mp4")
    #expect(result.code == 2 && result.output.contains("cannot use the model"))
  }
}
