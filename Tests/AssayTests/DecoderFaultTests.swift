import Foundation
import TestSupport
import Testing
import Verdicts

/// A decoder process that fails takes its own video's verdict and nothing else.
@Suite("Decoder faults")
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
    "a decoder that crashes, hangs or talks nonsense",
    arguments: [
      ("kill -SEGV $$", FailureReason.crashed),
      ("exit 7", .crashed),
      ("exec sleep 60", .timeout),
      ("head -c 400 /dev/urandom >&3; exec sleep 60", .crashed),
      ("printf '\\003\\000\\000\\000\\002\\000\\000\\000{}' >&3; exec sleep 60", .crashed),
    ])
  func faults(script: String, reason: FailureReason) throws {
    try videos.makeClip("a.mp4")
    try videos.makeClip("b.mp4")
    let (code, manifest) = try scan(decoder: script, ["--timeout", "2"])
    #expect(code == 3)
    #expect(manifest.videos.map(\.finding.reason) == [reason, reason])
    #expect(manifest.videos.allSatisfy { $0.finding.score == nil })
  }

  @Test("a decoder that crashes on one video decodes the others")
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
