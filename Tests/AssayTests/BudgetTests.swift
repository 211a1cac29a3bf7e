import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("scan --budget", .heavy)
struct BudgetTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()
  private var out: String { output.path("out") }

  init() throws {
    try videos.makeOldClip("0.mp4", seconds: 0.4)
    for index in 1..<8 {
      try videos.copy("0.mp4", to: "\(index).mp4")
    }
  }

  private func arguments(_ budget: String) -> [String] {
    AssayProgram.patient([
      "scan", videos.path, "-o", out, "--faces", "whole-frame", "--frames", "2", "--workers", "1", "--budget", budget,
      "--metrics", output.path("prom"),
    ])
  }

  private func scan(_ budget: String) throws -> ExternalProgram.Result { try AssayProgram.run(arguments(budget)) }

  private func rows() throws -> (quick: [VideoRecord], whole: [VideoRecord]) {
    let rows = try AssayProgram.manifest(in: out).videos
    let isQuick: (VideoRecord) -> Bool = { row in row.warnings.contains { $0.code == .firstPass } }
    return (rows.filter(isQuick), rows.filter { !isQuick($0) })
  }

  @Test("when time runs out, remaining videos get a first pass only, with a warning; the next run continues with them")
  func twoNights() throws {
    // A night that ends while the decoder of the second pass has just started.
    try output.write(
      """
      #!/bin/sh
      if ! mkdir '\(output.path("first"))' 2>/dev/null; then
        touch '\(output.path("second"))'
        while ! test -e '\(output.path("ended"))'; do sleep 0.1; done
      fi
      exec '\(AssayProgram.path)' "$@"
      """, to: "decoder")
    #expect(chmod(output.path("decoder"), 0o755) == 0)
    let command = arguments("1h").map { "'\($0)'" }.joined(separator: " ")
    let first = try ExternalProgram.run([
      "ASSAY_EXECUTABLE=\(output.path("decoder"))", "sh", "-c",
      """
      '\(AssayProgram.path)' \(command) & while kill -0 $! 2>/dev/null && ! test -e '\(output.path("second"))'; do sleep 0.1; done
      kill -TERM $!; sleep 1; touch '\(output.path("ended"))'; wait $!; echo "code $?"
      """,
    ])
    #expect(first.output.hasSuffix("code 143\n"), "\(first.output)")
    let (quick, whole) = try rows()
    #expect(quick.count + whole.count == 8 && !quick.isEmpty && !whole.isEmpty)
    #expect(quick.allSatisfy { $0.context.settings.values["decode"] == "keyframes" && $0.content.frames.decoded == 1 })
    #expect(whole.allSatisfy { $0.context.settings.values["decode"] == "exact" && $0.content.frames.decoded == 2 })
    #expect(first.output.contains("\(quick.count) of them got the first pass only"))
    #expect(try output.text("prom").contains("\nassay_quick_look_videos \(quick.count).0\n"))

    // No time at all: nothing is lost and nothing is new.
    #expect(try scan("0s").code == 0)
    #expect(try rows().quick == quick && rows().whole == whole)

    #expect(try scan("1h").code == 0)
    let last = try rows()
    #expect(last.quick.isEmpty && last.whole.count == 8)
    #expect(whole.allSatisfy { last.whole.contains($0) })
    // A night without a budget finds nothing to do either.
    let plain = try AssayProgram.run(
      "scan", videos.path, "-o", out, "--faces", "whole-frame", "--frames", "2")
    #expect(plain.output.contains("8 of them with the row of an earlier run: unchanged"), "\(plain.output)")
  }

  @Test("a video without time for a first pass is deferred")
  func noTime() throws {
    #expect(try scan("0s").code == 0)
    #expect(try AssayProgram.manifest(in: out).videos.isEmpty)
    #expect(try output.text("prom").contains("\nassay_backlog_videos 8.0\n"))
    #expect(try AssayProgram.run("scan", videos.path, "-o", out, "--budget", "soon").code == 64)
  }
}
