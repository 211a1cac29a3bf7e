import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay scan --perturb", .heavy)
struct PerturbTests {
  private let output = ScratchFolder()

  private func scan(_ films: String, _ name: String, _ more: [String]) throws -> Manifest {
    let result = try AssayProgram.run(["scan", films, "-o", output.path(name), "--frames", "4", "-q"] + more)
    #expect(result.code == 0, "\(result.output)")
    return try AssayProgram.manifest(in: output.path(name))
  }

  @Test("clean and perturbed scores are recorded together, and the verdict is that of the clean video")
  func bothScores() throws {
    let films = try output.draw("portrait.mp4", "swapped.mp4", into: "films")
    let clean = try scan(films, "clean", [])
    let crops = try scan(films, "crops", ["--perturb", "pgd", "--epsilon", "8/255", "--steps", "5"])
    let video = try scan(
      films, "video", ["--perturb", "pgd", "--epsilon", "8/255", "--steps", "5", "--adaptive", "video"])
    try #require([clean, crops, video].allSatisfy { $0.videos.count == 2 })
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

  @Test("the evasion margin is reported for flagged videos")
  func margin() throws {
    let films = try output.draw("portrait.mp4", into: "films")
    func row(_ name: String, _ more: String...) throws -> VideoRecord {
      let rows = try scan(films, name, more).videos
      try #require(rows.count == 1)
      return rows[0]
    }
    let clean = try row("clean", "--threshold", "0")
    let score = try #require(clean.finding.score)
    #expect(clean.margin == nil)
    // Nothing leads below a threshold of 0, and next to nothing below one that the score just reaches.
    let hopeless = try row("hopeless", "--margin", "--threshold", "0")
    #expect(hopeless.finding == clean.finding && hopeless.finding.verdict == .fake)
    #expect(hopeless.margin == MarginRecord(levels: nil, upTo: 32))
    let near = try row("near", "--margin", "--threshold", "\(score * 0.99)")
    #expect(near.finding.verdict == .fake)
    #expect(near.margin == MarginRecord(levels: 1, upTo: 32))
    let cleared = try row("cleared", "--margin", "--threshold", "0.999")
    #expect(cleared.finding.verdict == .real && cleared.margin == nil)
  }

  @Test("attack settings without an attack, and unknown attacks, are errors")
  func wrongUse() throws {
    let folder = output.path
    #expect(try AssayProgram.run("scan", folder, "-o", output.path("a"), "--epsilon", "8/255").code == 64)
    #expect(try AssayProgram.run("scan", folder, "-o", output.path("a"), "--perturb", "pgd").code == 64)
    #expect(
      try AssayProgram.run("scan", folder, "-o", output.path("a"), "--perturb", "pgd", "--epsilon", "8/0").code == 64)
    let result = try AssayProgram.run(
      "scan", folder, "-o", output.path("a"), "--perturb", "magic", "--epsilon", "8/255")
    #expect(result.code == 64 && result.output.contains("unknown attack 'magic'; expected "))
    // Levels without their 255, and a share where pixels are counted.
    let levels = try AssayProgram.run("scan", folder, "-o", output.path("a"), "--perturb", "pgd", "--epsilon", "8")
    #expect(levels.code == 64 && levels.output.contains("8/255"))
    let pixels = try AssayProgram.run(
      "scan", folder, "-o", output.path("a"), "--perturb", "pgd-l0", "--epsilon", "8/255")
    #expect(pixels.code == 64 && pixels.output.contains("number of pixels"))
    #expect(try AssayProgram.run("attack", "paper", folder, "-o", output.path("a"), "--linf", "1e20").code == 64)
  }
}
