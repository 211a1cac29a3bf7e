import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("scan --canaries", .heavy)
struct CanaryTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()
  private var out: String { output.path("out") }

  private static let schema = URL(filePath: #filePath)
    .appending(path: "../../../pipelines/schema/manifest.schema.json").standardized.path

  private static let validator = """
    import json, sys, jsonschema
    jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))
    """

  init() throws {
    for name in ["a.mp4", "b.mp4"] { try videos.makeOldClip(name, seconds: 0.1) }
    try output.makeClip("canary.mp4", seconds: 0.2)
    try FileManager.default.createDirectory(atPath: output.path("canaries"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: output.path("canary.mp4"), toPath: output.path("canaries/canary.mp4"))
  }

  private func scan(_ more: String...) throws -> ExternalProgram.Result {
    try AssayProgram.run(
      [
        "scan", videos.path, "-o", out, "-q", "--faces", "whole-frame", "--frames", "1", "--canaries",
        output.path("canaries"), "--metrics", output.path("prom"),
      ] + more)
  }

  @Test("canaries have separate rows, in three guises, and appear neither in tables nor in moderation")
  func apart() throws {
    #expect(try scan("--threshold", "0", "--canary-floor", "0.9").code == 0)
    let manifest = try AssayProgram.manifest(in: out)
    #expect(manifest.videos.count == 2 && manifest.run.counts.videos == 2)
    #expect(manifest.canaries?.map(\.guise) == [.perturbed, .plain, .recompressed])
    #expect(manifest.run.canaries?.recall == 1 && manifest.run.canaries?.guises[.plain]?.videos == 1)
    // The guises are real: each gives the network something else to see.
    #expect(Set(manifest.canaries?.map(\.video.finding.score) ?? []).count == 3)
    for name in ["manifest.jsonl", "manifest.csv", "submission.csv"] {
      #expect(try !output.text("out/" + name).contains("canary"), "\(name)")
    }
    let exported = try AssayProgram.run("export", out, "--format", "csv")
    #expect(exported.output.contains("a.mp4") && !exported.output.contains("canary"))
    #expect(try output.text("prom").contains("\nassay_canary_recall{guise=\"recompressed\"} 1.0\n"))
  }

  @Test(
    "a manifest with canaries validates against the schema",
    .enabled(
      if: ExternalProgram.succeeds("python3", "-c", "import jsonschema"),
      "python3 has no jsonschema (Debian: python3-jsonschema)"))
  func valid() throws {
    #expect(try scan("--threshold", "0").code == 0)
    let result = try ExternalProgram.run(["python3", "-c", Self.validator, Self.schema, out + "/manifest.json"])
    #expect(result.code == 0, "\(result.output)")
  }

  @Test("a run below the canary floor fails with 2, writes its manifests and exports nothing")
  func floor() throws {
    let result = try scan("--threshold", "1", "--canary-floor", "0.5", "--hook", "touch '\(output.path("told"))'")
    #expect(result.code == 2 && result.output.contains("below the floor of 0.5"), "\(result.output)")
    let manifest = try AssayProgram.manifest(in: out)
    #expect(manifest.videos.count == 2 && manifest.run.canaries?.recall == 0)
    let metrics = try output.text("prom")
    #expect(metrics.contains("\nassay_canary_recall{guise=\"plain\"} 0.0\n"))
    #expect(metrics.contains("\nassay_canary_recall_floor 0.5\n"))
    #expect(!metrics.contains("assay_last_success_timestamp_seconds"))
    #expect(!FileManager.default.fileExists(atPath: output.path("told")))
    // A later night has nothing new to scan and still its canaries.
    #expect(try scan("--threshold", "1").code == 0)
    #expect(try AssayProgram.manifest(in: out).canaries?.count == 3)
    #expect(try output.text("prom").contains("assay_last_success_timestamp_seconds"))
  }

  @Test("canaries among the inputs, and a folder without canaries, are refused")
  func refused() throws {
    for folder in [videos.path, videos.path + "/..", output.path("nowhere")] {
      #expect(try AssayProgram.run("scan", videos.path, "-o", out, "-q", "--canaries", folder).code == 2)
    }
    #expect(try AssayProgram.run("scan", videos.path, "-o", out, "--canary-floor", "0.5").code == 64)
  }
}
