import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay scan --perturb")
struct PerturbTests {
  private let output = ScratchFolder()

  private func scan(_ films: String, _ name: String, _ more: [String]) throws -> Manifest {
    let result = try AssayProgram.run(
      ["scan", films, "-o", output.path(name), "--limit", "2", "--frames", "4", "-q"] + more)
    #expect(result.code == 0, "\(result.output)")
    return try AssayProgram.manifest(in: output.path(name))
  }

  @Test("clean and perturbed scores stand beside each other, and the verdict stays that of the clean video")
  func bothScores() throws {
    guard let films = SharedVideos.some else { return }
    let clean = try scan(films, "clean", [])
    let crops = try scan(films, "crops", ["--perturb", "pgd", "--epsilon", "8/255", "--steps", "5"])
    let video = try scan(
      films, "video", ["--perturb", "pgd", "--epsilon", "8/255", "--steps", "5", "--adaptive", "video"])
    for (before, (own, all)) in zip(clean.videos, zip(crops.videos, video.videos)) {
      #expect(before.perturbation == nil)
      for after in [own, all] {
        #expect(after.finding == before.finding)
        #expect(after.cleanScore == before.finding.score)
        let record = try #require(after.perturbation)
        #expect(record.attack == "pgd" && record.norm == "linf")
        let effect = try #require(record.effect)
        #expect(effect.faces == before.finding.tracks.reduce(0) { $0 + $1.boxes.count })
        #expect(effect.largestLinf <= 8.0 / 255 + 1e-6 && effect.largestLinf > 0)
      }
      // With all faces together the score goes further away from the verdict than with each face for itself.
      let isReal = before.finding.verdict == .real
      let (weak, strong) = (try #require(own.perturbedScore), try #require(all.perturbedScore))
      let start = try #require(before.finding.score)
      #expect(isReal ? strong > start && strong >= weak - 1e-6 : strong < start && strong <= weak + 1e-6)
    }
  }

  @Test("what it takes to turn a verdict is told for the videos that are not real")
  func margin() throws {
    guard let films = SharedVideos.some else { return }
    // From a threshold of nothing on everything is flagged; below one that high nothing is.
    let flagged = try scan(films, "flagged", ["--margin", "--threshold", "0.001"])
    let cleared = try scan(films, "cleared", ["--margin", "--threshold", "0.999"])
    let clean = try scan(films, "plain", ["--threshold", "0.001"])
    for (video, before) in zip(flagged.videos, clean.videos) {
      #expect(video.finding == before.finding && before.margin == nil)
      #expect(video.finding.verdict == .fake)
      let margin = try #require(video.margin)
      #expect(margin.levels.map { (1...margin.upTo).contains($0) } ?? true)
    }
    #expect(cleared.videos.allSatisfy { $0.finding.verdict == .real && $0.margin == nil })
  }

  @Test("settings of an attack without an attack, and attacks that do not exist, are errors")
  func wrongUse() throws {
    let folder = output.path
    #expect(try AssayProgram.run("scan", folder, "-o", output.path("a"), "--epsilon", "8/255").code == 64)
    #expect(try AssayProgram.run("scan", folder, "-o", output.path("a"), "--perturb", "pgd").code == 64)
    #expect(
      try AssayProgram.run("scan", folder, "-o", output.path("a"), "--perturb", "pgd", "--epsilon", "8/0").code == 64)
    let result = try AssayProgram.run(
      "scan", folder, "-o", output.path("a"), "--perturb", "magic", "--epsilon", "8/255")
    #expect(result.code == 2 && result.output.contains("there is no attack 'magic'"))
    // Levels without their 255, and a share where pixels are counted.
    let levels = try AssayProgram.run("scan", folder, "-o", output.path("a"), "--perturb", "pgd", "--epsilon", "8")
    #expect(levels.code == 2 && levels.output.contains("8/255"))
    let pixels = try AssayProgram.run(
      "scan", folder, "-o", output.path("a"), "--perturb", "pgd-l0", "--epsilon", "8/255")
    #expect(pixels.code == 2 && pixels.output.contains("number of pixels"))
    #expect(try AssayProgram.run("attack", "paper", folder, "-o", output.path("a"), "--linf", "1e20").code == 64)
  }
}
