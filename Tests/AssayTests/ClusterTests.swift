import Foundation
import TestSupport
import Testing
import Verdicts

/// Plan, shards and merge, without a cluster; `tooling/slurm_faults.py` runs them on a Slurm that breaks.
@Suite("Sharded scans", .heavy)
struct ClusterTests {
  private let videos = ScratchFolder()
  private let work = ScratchFolder()
  private static let fast = ["-q", "--faces", "whole-frame", "--frames", "1"]

  private var plan: String { work.path("plan") }
  private var parts: String { work.path("parts") }

  init() throws {
    try videos.makeOldClip("0.mp4")
    for index in 1..<6 {
      try videos.copy("0.mp4", to: "\(index).mp4")
    }
    try videos.write("no film", to: "text.mp4")
    try videos.setModified("text.mp4", "2020-01-01")
    #expect(try AssayProgram.run("plan", videos.path, "-o", plan, "--shards", "3").code == 0)
  }

  private func scan(_ shard: String, plan: String? = nil, _ environment: String...) throws -> ExternalProgram.Result {
    let scan = ["scan", "--plan", plan ?? self.plan, "--shard", shard, "-o", parts] + Self.fast
    return try ExternalProgram.run(environment + [AssayProgram.path] + AssayProgram.patient(scan))
  }

  private func merge() throws -> ExternalProgram.Result {
    try AssayProgram.run("merge", plan, parts, "-o", work.path("merged"))
  }

  private func scanAll() throws {
    for shard in 0..<3 { #expect(try scan("\(shard)").code == 0) }
  }

  @Test("merged manifests equal those of a single scan, and the ledger knows the videos")
  func equal() throws {
    for (variable, shard) in [
      ("SLURM_ARRAY_TASK_ID", 0), ("JOB_COMPLETION_INDEX", 1), ("AWS_BATCH_JOB_ARRAY_INDEX", 2),
    ] {
      #expect(try scan("auto", "\(variable)=\(shard)").code == 0)
    }
    #expect(try merge().code == 3)
    let one = work.path("one")
    #expect(try AssayProgram.run(["scan", videos.path, "-o", one] + Self.fast).code == 3)
    let (merged, single) = (
      try AssayProgram.manifest(in: work.path("merged")), try AssayProgram.manifest(in: one)
    )
    #expect(merged.videos == single.videos)
    #expect(merged.run.counts == single.run.counts && merged.run.context == single.run.context)
    #expect(merged.run.leftOut == single.run.leftOut && merged.run.distribution == single.run.distribution)
    #expect(try work.text("merged/manifest.csv") == work.text("one/manifest.csv"))
    // A scan with crashing decoders finds nothing to do.
    let again = try AssayProgram.run(
      ["scan", videos.path, "-o", work.path("merged")] + Self.fast, decoder: "kill -SEGV $$", keptIn: work)
    #expect(again.code == 3)
    #expect(try AssayProgram.manifest(in: work.path("merged")).videos == single.videos)
  }

  @Test("a repeated task finds its part, or writes the same one except for the time")
  func twice() throws {
    #expect(try scan("1").code == 0)
    let first = try work.text("parts/part-1")
    #expect(try scan("1").code == 0)
    #expect(try work.text("parts/part-1") == first)
    try FileManager.default.removeItem(atPath: parts + "/part-1")
    #expect(try scan("1").code == 0)
    func timeless(_ text: String) -> String { text.replacing(/"startedAt":"[^"]*"/, with: "") }
    #expect(try timeless(work.text("parts/part-1")) == timeless(first))
    #expect(try FileManager.default.contentsOfDirectory(atPath: parts) == ["part-1"])
  }

  @Test("a merge requires every part of this plan, each video once, and equal settings")
  func demands() throws {
    func refusal(_ why: String) throws {
      let result = try merge()
      #expect(result.code == 2 && result.output.contains(why), "\(result.output)")
      #expect(!FileManager.default.fileExists(atPath: work.path("merged")))
    }
    func change(_ name: String, _ edit: (String) -> String) throws {
      try work.write(edit(try work.text("parts/\(name)")), to: "parts/\(name)")
    }
    let early = try merge()
    #expect(early.code == 64 && early.output.contains(parts), "\(early.output)")
    try work.write("no folder", to: "parts")
    try refusal("not a folder of shards")
    try FileManager.default.removeItem(atPath: parts)
    #expect(try scan("0").code == 0)
    try refusal("2 parts are missing: part-1, part-2")
    try scanAll()
    let intact = try work.text("parts/part-0")

    try FileManager.default.copyItem(atPath: parts + "/part-0", toPath: parts + "/part-3")
    try refusal("the plan has no such shard")
    try FileManager.default.removeItem(atPath: parts + "/part-3")

    try work.write(try work.text("parts/part-1"), to: "parts/part-0")
    try refusal("it belongs to another plan or shard")
    try work.write(intact, to: "parts/part-0")

    let lines = intact.split(separator: "\n").map(String.init)
    for wrong in [lines.dropLast(), lines + [lines[1]], [lines[0]] + lines.dropFirst().reversed()] {
      try work.write(wrong.joined(separator: "\n") + "\n", to: "parts/part-0")
      try refusal("every video of its shard exactly once")
    }
    try work.write(intact, to: "parts/part-0")

    #expect(
      try AssayProgram.run(
        "scan", "--plan", plan, "--shard", "2", "-o", parts, "-q", "--faces", "whole-frame", "--frames", "2"
      ).code == 0)
    try refusal("are not those of part-0")

    let other = work.path("other")
    #expect(try AssayProgram.run("plan", videos.path + "/0.mp4", videos.path, "-o", other, "--shards", "2").code == 0)
    #expect(try scan("1", plan: other).code == 0)
    try refusal("it belongs to another plan or shard")
  }

  @Test("a plan is immutable, and unknown shards are refused")
  func immutable() throws {
    #expect(try AssayProgram.run("plan", videos.path, "-o", plan, "--shards", "2").code == 2)
    // Wrong usage: a job array must not start such an element again.
    let beyond = try scan("3")
    #expect(beyond.code == 64 && beyond.output.contains("the shards 0 to 2"), "\(beyond.output)")
    let outside = try scan("auto")
    #expect(outside.code == 64 && outside.output.contains("SLURM_ARRAY_TASK_ID"), "\(outside.output)")
    #expect(try scan("auto", "SLURM_ARRAY_TASK_ID=x").code == 64)
    #expect(try scan("-1").code == 64)
    try work.write(try work.text("plan").replacing("/5.mp4", with: "/7.mp4"), to: "plan")
    let result = try scan("0")
    #expect(result.code == 2 && result.output.contains("it was modified"))
    #expect(try AssayProgram.run("plan", videos.path, "-o", work.path("p")).code == 64)
  }

  @Test("--minutes derives the number of shards from the estimated duration")
  func minutes() throws {
    let result = try AssayProgram.run("plan", videos.path, "-o", work.path("timed"), "--minutes", "0.01")
    #expect(result.code == 0 && result.output.contains("s a video here"), "\(result.output)")
    let header = try #require(try work.text("timed").split(separator: "\n").first)
    #expect(!header.contains("\"shards\":1,"))
  }
}

@Suite("assay scan --filter", .heavy)
struct FilterTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()

  /// The rows that come for paths on standard input.
  private func answers(to input: [UInt8], decoder: String) throws -> [VideoRecord] {
    try Data(input).write(to: URL(filePath: output.path("paths")))
    try output.write("#!/bin/sh\nASSAY='\(AssayProgram.path)'\n\(decoder)\n", to: "decoder")
    #expect(chmod(output.path("decoder"), 0o755) == 0)
    let command = "'\(AssayProgram.path)' scan --filter --faces whole-frame --frames 1 < '\(output.path("paths"))'"
    let result = try ExternalProgram.run(["ASSAY_EXECUTABLE=\(output.path("decoder"))", "sh", "-c", command])
    #expect(result.code == 0, "\(result.output)")
    return try result.output.split(separator: "\n").map {
      try ManifestJSON.record(line: Array($0.utf8), file: "stdout")
    }
  }

  @Test("each path gets one line, in order, including invalid UTF-8, missing files and decoder crashes")
  func lines() throws {
    try videos.makeOldClip("a.mp4")
    let odd = Array(videos.path.utf8) + Array("/\u{FF}".utf8.dropLast()) + [0xFF]
    let paths = [Array(videos.path("a.mp4").utf8), odd, Array("/etc".utf8), Array(videos.path("a.mp4").utf8)]
    // The second process, which the last path starts, crashes.
    let script = """
      case $* in *decode-worker*) if mkdir '\(output.path("second"))' 2>/dev/null; then exec "$ASSAY" "$@"; fi ;; esac
      kill -SEGV $$
      """
    let rows = try answers(to: Array(paths.joined(separator: [10])) + [10], decoder: script)
    #expect(rows.map(\.source.path.bytes) == paths)
    #expect(rows.map(\.finding.reason) == [nil, .unreadable, .refused, nil])
    let crashed = try answers(to: paths[0], decoder: "kill -SEGV $$")
    #expect(crashed.map(\.finding.reason) == [.crashed])
  }

  /// Rows of `assay scan` and of `assay scan --filter` for the same videos and options, in the same order.
  private func rows(
    of names: [String], _ options: [String]
  ) throws -> (scanned: [VideoRecord], filtered: [VideoRecord]) {
    let options = AssayProgram.patient(["scan"] + options + ["--frames", "2"])
    let folder = ScratchFolder()
    let paths = names.map { videos.path($0) }
    let scan = try AssayProgram.run(options + ["-q", "-o", folder.path("scan")] + paths)
    #expect(scan.code == 0 || scan.code == 3, "\(scan.output)")
    try Data(paths.joined(separator: "\n").utf8).write(to: URL(filePath: folder.path("paths")))
    let command = "\"$0\" \"$@\" --filter < '\(folder.path("paths"))'"
    let filter = try ExternalProgram.run(["sh", "-c", command, AssayProgram.path] + options)
    #expect(filter.code == 0, "\(filter.output)")
    let filtered = try filter.output.split(separator: "\n").map {
      try ManifestJSON.record(line: Array($0.utf8), file: "stdout")
    }
    let manifest = try AssayProgram.manifest(in: folder.path("scan"))
    // A filter has no inputs: its rows keep the paths as they were given.
    let scanned = try names.map { name in
      var record = try #require(manifest.video(name))
      record.source.root = nil
      return record
    }
    return (scanned, filtered)
  }

  @Test("rows equal those of a scan, under every common option")
  func sameAsScan() throws {
    _ = try videos.draw("portrait.mp4", into: ".")
    try videos.makeClip("bars.mp4", seconds: 0.4)
    try videos.write("no film", to: "text.mp4")
    let names = ["portrait.mp4", "text.mp4", "bars.mp4"]

    let plain = try rows(of: names, ["--model", "paper", "--decode", "keyframes", "--defence", "bits:3"])
    #expect(plain.filtered == plain.scanned)
    #expect(plain.filtered[0].finding.score != nil && plain.filtered[1].finding.reason != nil)

    // A batch that is neither a divisor of a video's crops nor a multiple.
    let whole = try rows(of: names, ["--model", "paper", "--faces", "whole-frame", "--decode", "fast", "--batch", "3"])
    #expect(whole.filtered == whole.scanned)
    #expect(whole.filtered.compactMap(\.finding.score).count == 2)

    // A threshold that every score exceeds and no attack gets below.
    let sha256 = plain.filtered[0].context.model.sha256
    let flag = """
      {"model":"paper","modelSHA256":"\(sha256)","defence":"bits:3","changes":["noise:3","noise:3","resize:92",\
      "resize:92","jpeg:80","median:3"],"threshold":0,"falseAlarmRate":0.05,"fitted":100}
      """
    try output.write(flag, to: "flag.json")
    let all = try rows(
      of: names,
      [
        "--model", "paper", "--defence", "bits:3", "--threshold", "0", "--perturb", "pgd", "--norm", "l2", "--epsilon",
        "1", "--steps", "2", "--adaptive", "video", "--seed", "3", "--margin", "--recompress", "--borderline", "1",
        "--detect-perturbed", output.path("flag.json"), "--second-opinion", "hardened",
      ])
    #expect(all.filtered == all.scanned)
    let row = all.filtered[0]
    #expect(row.perturbation?.effect != nil && row.margin != nil && row.recompression != nil)
    #expect(row.perturbedInput?.isFlagged == true && row.secondOpinion?.score != nil)
    #expect(all.filtered[2].perturbation != nil && all.filtered[2].secondOpinion?.score == nil)
  }
}
