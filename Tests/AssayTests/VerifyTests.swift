import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay verify", .heavy)
struct VerifyTests {
  private let output = ScratchFolder()
  private var out: String { output.path("out") }
  private var films: String { output.path("films") }

  private func scan(_ more: String...) throws {
    let result = try AssayProgram.run(["scan", films, "-o", out, "-q", "--frames", "3"] + more)
    #expect(result.code == 0, "\(result.output)")
  }

  private func verify(_ more: String...) throws -> ExternalProgram.Result {
    try AssayProgram.run(["verify", out] + more)
  }

  /// Replaces a text in the manifest's lines.
  private func edit(_ pattern: Regex<Substring>, _ replacement: String) throws {
    try output.write(
      try output.text("out/manifest.jsonl").replacing(pattern, with: replacement), to: "out/manifest.jsonl")
  }

  @Test("rows of either built-in face detector are verified, and a folder that moved may be named as it was given")
  func detectorsAndRoots() throws {
    try FileManager.default.createDirectory(atPath: films, withIntermediateDirectories: true)
    try output.makeClip("films/bars.mp4", seconds: 0.2)
    try scan("--detector", "standard")
    let result = try verify()
    #expect(result.code == 0, "\(result.output)")
    try FileManager.default.moveItem(atPath: films, toPath: output.path("elsewhere"))
    let lost = try verify()
    #expect(lost.code == 3 && lost.output.contains("0 of 1 video verified: 1 missing"), "\(lost.output)")
    let found = try ExternalProgram.run(
      ["-C", output.path, AssayProgram.path, "verify", "out", "--root", "films=elsewhere"])
    #expect(found.code == 0, "\(found.output)")
    let wrong = try verify("--root", "nowhere=elsewhere")
    #expect(wrong.output.contains("no recorded path lies in"), "\(wrong.output)")
  }

  @Test("a manifest agrees with its videos; a forged score, a changed and a deleted file are detected")
  func detected() throws {
    let tool = URL(filePath: AssayProgram.path).deletingLastPathComponent().appending(path: "DevTools").path
    #expect(try ExternalProgram.run([tool, "draw", films, "portrait.mp4"]).code == 0)
    try output.makeClip("films/bars.mp4", seconds: 0.2)
    try scan()
    let sound = try output.text("out/manifest.jsonl")
    let result = try verify()
    #expect(result.code == 0 && result.output == "2 of 2 videos verified: 2 same\n", "\(result.output)")
    #expect(try verify("--sample", "1").output.hasPrefix("1 of 2 videos verified"))

    // Scores of all faces and the video, and nothing else.
    try edit(/"score":0\.[0-9]+/, "\"score\":0.9")
    let forged = try verify()
    #expect(forged.code == 2 && forged.output.contains("own score recorded 0.9"), "\(forged.output)")

    // Logits, from which the scores follow.
    try output.write(sound, to: "out/manifest.jsonl")
    try edit(/"logit":-?[0-9.]+/, "\"logit\":3.5")
    let moved = try verify()
    #expect(moved.code == 2 && moved.output.contains("logit at pts"), "\(moved.output)")

    try output.write(sound, to: "out/manifest.jsonl")
    try FileManager.default.removeItem(atPath: films + "/bars.mp4")
    try output.write(try output.text("out/manifest.jsonl"), to: "films/portrait.mp4")
    let gone = try verify("--json")
    #expect(gone.code == 3)
    #expect(gone.output.contains(#""changed" : 1"#) && gone.output.contains(#""missing" : 1"#), "\(gone.output)")
  }

  @Test(
    "the manifests of a run are compared with each other and with the ledger",
    arguments: [
      ("out/manifest.csv", "no_face", "fake", "manifest.csv: "), ("out/manifest.csv", "bars", "wars", "manifest.csv: "),
      ("out/submission.csv", "bars", "wars", "submission.csv: "),
      ("out/manifest.json", "\"videos\":2", "\"videos\":3", "the header counts 3 videos"),
    ])
  func edited(file: String, from: String, to: String, message: String) throws {
    for name in ["films/bars.mp4", "films/more.mp4"] { try makeClip(name) }
    try scan()
    #expect(try verify().code == 0)
    let sound = try output.text(file)
    try #require(sound.contains(from))
    try output.write(sound.replacing(from, with: to), to: file)
    let result = try verify()
    #expect(result.code == 2 && result.output.contains(message), "\(result.output)")
    try output.write(sound, to: file)

    // A row that is gone from one of them, and one that is gone from all.
    let lines = try output.text("out/manifest.jsonl").split(separator: "\n")
    try output.write(lines.dropFirst().joined(separator: "\n") + "\n", to: "out/manifest.jsonl")
    let shortened = try verify()
    #expect(
      shortened.code == 2 && shortened.output.contains("the row of manifest.json is missing"), "\(shortened.output)")
    for name in ["manifest.json", "manifest.csv", "submission.csv"] {
      try FileManager.default.removeItem(atPath: out + "/" + name)
    }
    #expect(try verify().output.contains("manifest.json: the file is missing"))
    // A copy of one form by itself is verified as it is.
    let alone = try AssayProgram.run("verify", out + "/manifest.jsonl")
    #expect(alone.code == 0, "\(alone.output)")
  }

  @Test("rows that all manifests agree on are compared with the ledger")
  func ledger() throws {
    try makeClip("films/bars.mp4")
    let other = output.path("other")
    #expect(try AssayProgram.run("scan", films, "-o", other, "-q", "--frames", "2").code == 0)
    try scan()
    let sqlite = other + "/assay.sqlite"
    let result = try verify("--ledger", sqlite)
    #expect(result.code == 2 && result.output.contains("assay.sqlite: "), "\(result.output)")
  }

  private func makeClip(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: films, withIntermediateDirectories: true)
    try output.makeClip(name, seconds: 0.2)
  }

  @Test("other decode modes and face origins are verified", arguments: ["exact", "fast", "keyframes"])
  func modes(decode: String) throws {
    try FileManager.default.createDirectory(atPath: films, withIntermediateDirectories: true)
    let made = try ExternalProgram.run([
      "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=322x239:rate=25:duration=1", "-vf",
      "format=yuv444p", "-c:v", "libx264", "-g", "6", films + "/odd.mp4",
    ])
    #expect(made.code == 0, "\(made.output)")
    try scan("--faces", "whole-frame", "--decode", decode)
    let result = try verify()
    #expect(result.code == 0 && result.output == "1 of 1 video verified: 1 same\n", "\(result.output)")
    #expect(try verify("--model", "/nowhere").code == 64)
  }
}
