import Foundation
import RedTeam
import TestSupport
import Testing
import Verdicts

@Suite("assay attack VIDEO --write", .heavy)
struct VideoAttackTests {
  private let output = ScratchFolder()

  /// A second of a drawn person who nods, with sound.
  private func clip(_ name: String = "person.mp4") throws -> String {
    let drawn = output.path("drawn")
    let tool = URL(filePath: AssayProgram.path).deletingLastPathComponent().appending(path: "DevTools").path
    let result = try ExternalProgram.run([tool, "draw", drawn, "calm.mp4"])
    try #require(result.code == 0, "\(result.output)")
    let path = output.path(name)
    let cut = try ExternalProgram.run([
      "ffmpeg", "-v", "error", "-y", "-i", drawn + "/calm.mp4", "-f", "lavfi", "-i", "sine=300:d=0.5", "-t", "0.5",
      "-c:v", "libx264", "-preset", "veryfast", "-crf", "14", "-c:a", "aac", path,
    ])
    try #require(cut.code == 0, "\(cut.output)")
    return path
  }

  private func attack(_ video: String, _ folder: String, _ more: [String] = []) throws -> [VideoAttackRow] {
    let result = try ExternalProgram.run(
      [
        AssayProgram.path, "attack", video, "--write", output.path(folder), "--attack", "pgd", "--steps", "4",
        "--epsilon", "8/255", "--preset", "ultrafast", "--frames", "4", "--crf", "12", "-q",
      ] + more)
    #expect(result.code == 0, "\(result.output)")
    return try JSONDecoder().decode(
      [VideoAttackRow].self, from: Data(contentsOf: URL(filePath: output.path(folder) + "/attacked.json")))
  }

  @Test("the output file changes the score, keeps frames and sound, and is labelled as adversarial")
  func writes() throws {
    let video = try clip()
    let row = try #require(try attack(video, "out").first)
    let (clean, perturbed, coded) = (
      try #require(row.clean?.score), try #require(row.perturbed?.score), try #require(row.coded?.score)
    )
    // The clean verdict is real: the attack leads away from it, the codec takes some of that back.
    #expect(row.clean?.verdict == .real && perturbed > clean + 0.05 && coded > clean)
    #expect(try #require(row.survival) > 0)
    #expect(row.frames == 13 && row.perturbedFrames == row.frames && row.copiedStreams == 1)
    #expect(try #require(row.perturbedPSNR) > #require(row.codedPSNR))
    #expect(row.cleanDetection?.withFaces == 4 && row.codedDetection?.gaps == 0 && row.failure == nil)

    let file = output.path("out") + "/person.adversarial.mp4"
    #expect(row.output == file)
    let tags = try ExternalProgram.run(["ffprobe", "-v", "error", "-show_entries", "format_tags=comment", file]).output
    #expect(tags.contains("TEST MATERIAL"))
    // What the table says of the file is what any scan says.
    let scan = output.path("scan")
    #expect(try AssayProgram.run("scan", file, "-o", scan, "--frames", "4", "-q").code == 0)
    #expect(try AssayProgram.manifest(in: scan).videos.first?.finding.score == coded)
    #expect(try output.names().contains { $0.hasPrefix(".patches") } == false)
  }

  @Test("the result does not depend on workers, and a compression-aware attack survives better")
  func repeatable() throws {
    let video = try clip()
    let plain = try #require(try attack(video, "one", ["--workers", "1"]).first)
    _ = try attack(video, "two", ["--workers", "2"])
    func bytes(_ folder: String) throws -> Data {
      try Data(contentsOf: URL(filePath: output.path(folder) + "/person.adversarial.mp4"))
    }
    #expect(try bytes("one") == bytes("two"))
    let robust = try #require(try attack(video, "robust", ["--robust-to-codec"]).first)
    #expect(robust.robustToCodec && robust.coded != nil)
    #expect(try bytes("robust") != bytes("one"))
    #expect(plain.clean?.score == robust.clean?.score)
  }

  @Test("a video without a face is skipped, a broken one is reported, and neither stops the others")
  func nothingToAttack() throws {
    try output.makeClip("bars.mp4")
    try output.write("this is no film", to: "text.mp4")
    let result = try ExternalProgram.run([
      AssayProgram.path, "attack", output.path("text.mp4"), output.path("bars.mp4"), "--write", output.path("out"),
      "--frames", "2", "--json",
    ])
    #expect(result.code == 3)
    let rows = try JSONDecoder().decode([VideoAttackRow].self, from: Data(result.output.utf8))
    #expect(rows.count == 2)
    #expect(try #require(rows[0].failure).contains("not a video") && rows[0].output == nil)
    #expect(rows[1].clean?.verdict == .noFace && rows[1].output == nil && rows[1].failure == nil)
    #expect(!FileManager.default.fileExists(atPath: output.path("out") + "/bars.adversarial.mp4"))
  }

  @Test("inputs are never overwritten, and usage errors name the remedy")
  func wrongUse() throws {
    let out = output.path("out")
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    try output.makeClip("bars.mp4")
    try FileManager.default.copyItem(atPath: output.path("bars.mp4"), toPath: out + "/bars.adversarial.mp4")
    func expect(_ arguments: [String], _ code: Int32, _ text: String) throws {
      let result = try ExternalProgram.run([AssayProgram.path, "attack"] + arguments)
      #expect(result.code == code && result.output.contains(text), "\(arguments): \(result.output)")
    }
    try expect(
      [output.path("bars.mp4"), out + "/bars.adversarial.mp4", "--write", out], 2, "is a video of this run")
    try expect([output.path("bars.mp4"), output.path, "--write", out, "--crf", "99"], 64, "--crf must lie in")
    try expect(["builtin"], 64, "name a model and a crop set, or videos and --write DIR")
    try expect(["builtin", "crops"], 64, "name an output folder")
    try expect([output.path("bars.mp4"), "--write", out, "--attack", "square"], 64, "is not a white-box attack")
    let other = output.path("other")
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: output.path("bars.mp4"), toPath: other + "/bars.mov")
    try expect([output.path("bars.mp4"), other + "/bars.mov", "--write", out], 2, "would both be written to")
  }
}
