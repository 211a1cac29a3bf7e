import Foundation
import TestSupport
import Testing
import Verdicts

/// How scores and verdicts are shown, and that an ONNX export and import keeps them.
@Suite("Meaning of scores and verdicts", .heavy)
struct ScoreReadingTests {
  private let work = ScratchFolder()

  private func scan(_ model: String, _ more: String...) throws -> (ExternalProgram.Result, Manifest) {
    let out = work.path(model + ".out")
    let arguments = AssayProgram.patient(["scan", "clips", "-o", out, "--model", model] + more)
    let result = try ExternalProgram.run(["-C", work.path, AssayProgram.path] + arguments)
    try #require(result.code == 0, "\(result.output)")
    return (result, try AssayProgram.manifest(in: out))
  }

  @Test("a video that is not flagged is not called authentic; thresholds, prevalence and limits are shown")
  func wording() throws {
    _ = try work.draw("portrait.mp4", into: "clips")
    let (result, manifest) = try scan("standard", "--report", "--pictures", "0")
    let row = try #require(manifest.videos.first)
    #expect(row.finding.verdict == .real)
    let bounds = row.context.thresholds
    #expect(result.output.contains("no sign found"))
    #expect(!result.output.contains(" real "), "\(result.output)")
    #expect(result.output.contains("1 video: 1 with no sign of manipulation found in "))
    let line =
      "no sign of manipulation found below \(bounds.real), undecided from there on, fake from \(bounds.fake) on"
    #expect(result.output.contains("\nthresholds: \(line)\n"))
    #expect(result.output.contains("\nscores: probability of fake if 50 % of the videos are fake\n"))
    let card = try #require(manifest.run.modelCard)
    #expect(card.isCalibrated && card.calibratedPrevalence == 0.5 && !card.limits.isEmpty)
    let page = try work.text("standard.out/report.html")
    let head = try #require(page.components(separatedBy: "<main>").first)
    #expect(head.contains("fake from \(bounds.fake) on. Scores: probability of fake if 50 % of the videos are fake."))
    #expect(head.contains("<a href=\"#limits-heading\">") && page.contains("<h2 id=\"limits-heading\">"))
    #expect(page.contains(card.limits))
    #expect(page.contains("\"real\":\"no sign of manipulation found\""))
  }

  @Test("a model that goes through ONNX gives the same scores and verdicts; with other settings it is uncalibrated")
  func onnx() throws {
    _ = try work.draw("portrait.mp4", "swapped.mp4", into: "clips")
    func model(_ words: String) throws -> String {
      let result = try ExternalProgram.run(
        ["-C", work.path, AssayProgram.path, "model"] + words.split(separator: " ").map(String.init))
      try #require(result.code == 0, "\(result.output)")
      return result.output
    }
    #expect(try model("export standard -o standard.onnx").contains("metadata_props"))
    let note = try model("import standard.onnx -o copy.safetensors")
    #expect(note.contains("calibration, thresholds, preprocessing and face-crop settings are those in the file"))
    let (own, copy) = (try scan("standard").1, try scan("copy.safetensors").1)
    #expect(own.videos.count == 2 && copy.videos.count == 2)
    for (a, b) in zip(own.videos, copy.videos) {
      #expect(a.finding.verdict == b.finding.verdict && a.context.thresholds == b.context.thresholds)
      #expect(abs(try #require(a.finding.score) - #require(b.finding.score)) < 1e-5)
    }
    #expect(own.run.modelCard == copy.run.modelCard)

    #expect(try model("import standard.onnx -o other.safetensors --mean 0.4,0.4,0.4").contains("is not calibrated"))
    let (result, other) = try scan("other.safetensors", "--report", "--pictures", "0", "-q")
    #expect(result.output.contains("warning: other.safetensors: the model was never calibrated"), "\(result.output)")
    #expect(other.run.modelCard?.isCalibrated == false)
    #expect(try work.text("other.safetensors.out/report.html").contains("<p class=\"warning\">No sign of manipulation"))
  }
}
