import Foundation
import TestSupport
import Testing
import Verdicts

/// Faults around a run: files that change, decoders that crash again and again, disks that fill up or vanish.
@Suite("Faults during a run", .heavy)
struct RunFaultTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()
  private var out: String { output.path("out") }

  private func scan(decoder script: String, _ more: String...) throws -> ExternalProgram.Result {
    try AssayProgram.run(["scan", videos.path, "-o", out, "-q"] + more, decoder: script, keptIn: output)
  }

  @Test("a file that changes while being read is retried at the end of the run")
  func changed() throws {
    for name in ["a.mp4", "b.mp4"] { try videos.makeOldClip(name) }
    let once = """
      if mkdir '\(output.path("touched"))' 2>/dev/null; then touch -d 2020-03-03 '\(videos.path("a.mp4"))'; fi
      exec "$ASSAY" "$@"
      """
    #expect(try scan(decoder: once, "--workers", "1").code == 0)
    let rows = try AssayProgram.manifest(in: out).videos
    #expect(rows.map(\.finding.verdict) == [.noFace, .noFace])
    #expect(rows.first?.source.mtime?.description.hasPrefix("2020-03-0") == true)
  }

  @Test("a file that keeps changing fails with that reason")
  func neverAtRest() throws {
    try videos.makeOldClip("a.mp4")
    let result = try scan(decoder: "date >> '\(videos.path("a.mp4"))'; exec \"$ASSAY\" \"$@\"")
    #expect(result.code == 3)
    #expect(try AssayProgram.manifest(in: out).videos.map(\.finding.reason) == [.changed])
  }

  @Test("after three crashes a file is skipped, and its row says so until the file changes")
  func setAside() throws {
    try videos.makeOldClip("a.mp4")
    let script = "echo x >> '\(output.path("starts"))'; kill -SEGV $$"
    func starts() throws -> Int { try output.text("starts").count / 2 }
    for _ in 0..<5 { #expect(try scan(decoder: script).code == 3) }
    #expect(try starts() == 3)
    #expect(try scan(decoder: script, "--retry-failed").code == 3)
    #expect(try starts() == 3)
    #expect(try AssayProgram.manifest(in: out).videos.map(\.finding.reason) == [.crashed])
    try videos.setModified("a.mp4", "2020-02-02")
    #expect(try scan(decoder: script).code == 3)
    #expect(try starts() == 4)
  }

  @Test("an output folder that vanishes ends the run with 2")
  func vanished() throws {
    try videos.makeOldClip("a.mp4")
    let result = try scan(decoder: "rm -rf '\(out)'; exec \"$ASSAY\" \"$@\"")
    #expect(result.code == 2, "\(result.output)")
    #expect(result.output.contains("vanished"))
  }

  @Test(
    "a full disk ends the run with 2; with free space, the next run continues",
    .enabled(if: ExternalProgram.canMount, "no file system can be mounted here"))
  func fullDisk() throws {
    let mount = ["unshare", "-m", "sh", "-c"]
    try videos.makeOldClip("0.mp4")
    for index in 1..<60 {
      try videos.copy("0.mp4", to: "\(index).mp4")
    }
    // 60 rows need more than 200 KiB in the ledger and the manifest; each run says how it ended.
    let scan = "'\(AssayProgram.path)' scan '\(videos.path)' -o disk/out -q --frames 1; echo \"code $?\""
    let script = """
      cd '\(output.path)' && mkdir disk && mount -t tmpfs -o size=200k none disk && \(scan)
      mount -o remount,size=20m disk && \(scan)
      cp disk/out/manifest.json .
      """
    let result = try ExternalProgram.run(mount + [script])
    let codes = result.output.split(separator: "\n").filter { $0.hasPrefix("code") }
    #expect(codes == ["code 2", "code 0"], "\(result.output)")
    #expect(result.output.contains("full"))
    #expect(try AssayProgram.manifest(in: output.path).videos.count == 60)
  }
}
