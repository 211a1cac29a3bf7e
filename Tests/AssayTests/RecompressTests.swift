import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay scan --recompress, and the detector under --perturb", .heavy)
struct RecompressTests {
  private let output = ScratchFolder()

  /// A folder with a drawn person, and with bars that show no face.
  private func films() throws -> String {
    let tool = URL(filePath: AssayProgram.path).deletingLastPathComponent().appending(path: "DevTools").path
    let films = output.path("films")
    let result = try ExternalProgram.run([tool, "draw", films, "portrait.mp4"])
    try #require(result.code == 0, "\(result.output)")
    try output.makeClip("films/bars.mp4")
    return films
  }

  private func scan(_ films: String, _ name: String, _ more: [String]) throws -> Manifest {
    let result = try AssayProgram.run(["scan", films, "-o", output.path(name), "--frames", "3", "-q"] + more)
    #expect(result.code == 0, "\(result.output)")
    return try AssayProgram.manifest(in: output.path(name))
  }

  @Test("borderline videos are re-encoded, without changing their own verdict")
  func borderline() throws {
    let films = try films()
    let plain = try scan(films, "plain", [])
    let far = try scan(films, "far", ["--recompress", "--borderline", "0"])
    let near = try scan(films, "near", ["--recompress", "--borderline", "1"])
    for manifest in [far, near] { #expect(manifest.videos.map(\.finding) == plain.videos.map(\.finding)) }
    #expect(plain.video("portrait.mp4")?.finding.verdict == .real)
    #expect(far.videos.allSatisfy { $0.recompression == nil })
    #expect(near.video("bars.mp4")?.recompression == nil)
    let record = try #require(near.video("portrait.mp4")?.recompression)
    #expect(
      record.variants.map(\.crf) == [23, 30, 40, 23] && record.variants.map(\.isHalfSize).count(where: \.self) == 1)
    let scores = record.variants.compactMap(\.score) + [try #require(near.video("portrait.mp4")?.finding.score)]
    #expect(scores.count == 5 && Set(scores).count > 1)
    #expect(record.lowest == scores.min() && record.highest == scores.max())
    let csv = try output.text("near/manifest.csv").split(separator: "\r\n")
    let column = try #require(csv[0].split(separator: ",").firstIndex(of: "recompressedTurns"))
    let row = try #require(csv.first { $0.contains("portrait.mp4") })
    #expect(row.split(separator: ",", omittingEmptySubsequences: false)[column] == "\(record.flips)")
    #expect(try AssayProgram.run("scan", films, "-o", output.path("x"), "--borderline", "0.2").code == 64)
  }

  @Test("face detection before and after an attack is reported if there is a face detector")
  func detection() throws {
    let films = try films()
    let attack = ["--perturb", "fgsm", "--epsilon", "2/255"]
    let found = try #require(
      try scan(films, "found", attack).video("portrait.mp4")?.perturbation?.effect?.detection)
    #expect(found.clean.frames == 3 && found.clean.withFaces == 3 && found.clean.gaps == 0)
    #expect(found.perturbed.frames == 3)
    let whole = try scan(films, "whole", attack + ["--faces", "whole-frame"])
    #expect(try #require(whole.video("portrait.mp4")?.perturbation?.effect).detection == nil)
  }

  @Test("an attack that removes the faces does not make a video real")
  func vanished() throws {
    // Every pixel may become anything: what is left of the faces is noise.
    let record = try #require(
      try scan(try films(), "noise", ["--perturb", "pgd", "--steps", "8", "--epsilon", "1", "--adaptive", "video"])
        .video("portrait.mp4"))
    let effect = try #require(record.perturbation?.effect)
    let detection = try #require(effect.detection)
    #expect(detection.perturbed.withFaces < detection.clean.withFaces)
    #expect(effect.perturbedVerdict != .real)
    if detection.perturbed.withFaces == 0 {
      #expect(effect.perturbedVerdict == .noFace || effect.perturbedVerdict == .fake)
    }
  }
}
