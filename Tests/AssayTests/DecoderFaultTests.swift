import Foundation
import TestSupport
import Testing
import Verdicts

/// A decoder process that fails takes its own video's verdict and nothing else.
@Suite("Decoder faults", .heavy)
struct DecoderFaultTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()

  /// A scan whose decoders are `script`, run by the shell.
  private func scan(decoder script: String, _ arguments: [String] = []) throws -> (code: Int32, manifest: Manifest) {
    let out = output.path("out")
    let result = try AssayProgram.run(["scan", videos.path, "-o", out] + arguments, decoder: script, keptIn: output)
    return (result.code, try AssayProgram.manifest(in: out))
  }

  @Test(
    "a decoder that crashes or sends invalid messages",
    arguments: [
      "kill -SEGV $$", "exit 7", "seq 100 >&3; exec sleep infinity",
      "printf '\\003\\000\\000\\000\\002\\000\\000\\000{}' >&3; exec sleep infinity",
    ])
  func crashes(script: String) throws {
    try expect(.crashed, decoder: script, timeoutSeconds: 3600)
  }

  @Test("a hanging decoder is killed at its time limit")
  func hangs() throws {
    try expect(.timeout, decoder: "exec sleep infinity", timeoutSeconds: 1)
  }

  private func expect(_ reason: FailureReason, decoder script: String, timeoutSeconds: Int) throws {
    try videos.makeClip("a.mp4")
    try videos.makeClip("b.mp4")
    let (code, manifest) = try scan(decoder: script, ["--timeout", "\(timeoutSeconds)"])
    #expect(code == 3)
    #expect(manifest.videos.map(\.finding.reason) == [reason, reason])
    #expect(manifest.videos.allSatisfy { $0.finding.score == nil })
  }

  @Test(
    "implausible numbers fail their video, not the run",
    arguments: [
      (
        5,
        #"{"asked":1,"decoded":0,"packets":0,"decodeErrors":0,"firstErrors":[],"reachedSeconds":1e300,"missing":0,"damages":0,"missingSeconds":0}"#
      ),
      (3, #"{"pts":0,"seconds":-1e19,"faces":[]}"#),
      (3, #"{"pts":0,"seconds":0,"faces":[{"track":-1,"box":{"x":0,"y":0,"width":1,"height":1},"confidence":1}]}"#),
      (3, #"{"pts":0,"seconds":0,"faces":[{"track":0,"box":{"x":1e99,"y":0,"width":1,"height":1},"confidence":1}]}"#),
    ])
  func nonsense(kind: UInt8, json: String) throws {
    try videos.makeClip("a.mp4")
    let length = String(json.utf8.count, radix: 8)
    let end = #"\000\000\000\000\000\000\000\000"#
    let script = """
      printf '\\00\(kind)\\000\\000\\000\\\(length)\\000\\000\\000' >&3
      printf '%s' '\(json)' >&3
      printf '\(end)' >&3
      exec sleep infinity
      """
    let (code, manifest) = try scan(decoder: script, ["--timeout", "3600"])
    #expect(code == 3)
    #expect(manifest.videos.map(\.finding.reason) == [.crashed])
    #expect(manifest.videos.first?.finding.message?.contains("invalid reply") == true)
  }

  @Test("after a crash on one video, the others are decoded")
  func oneCrash() throws {
    try videos.makeClip("a.mp4")
    try videos.makeClip("b.mp4")
    try videos.makeClip("c.mp4")
    // The first process dies, all later ones are real.
    let script = """
      if mkdir '\(output.path("died"))' 2>/dev/null; then kill -SEGV $$; fi
      exec "$ASSAY" "$@"
      """
    let (code, manifest) = try scan(decoder: script, ["--workers", "1"])
    #expect(code == 3)
    #expect(manifest.videos.map(\.finding.verdict) == [.failed, .noFace, .noFace])
  }
}
