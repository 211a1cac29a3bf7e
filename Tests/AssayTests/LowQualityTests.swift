import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay scan of faces that are too poor to judge", .heavy)
struct LowQualityTests {
  private let output = ScratchFolder()

  /// A drawn person as it is, too dark, and too small, each for half a second.
  private func clips() throws -> String {
    let films = try output.draw("calm.mp4", into: "drawn")
    let folder = output.path("films")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, filter) in [
      ("plain", "null"), ("tiny", "scale=96:-2"),
      ("dark", "lutyuv=y=16+(val-16)*0.04:u=128+(val-128)*0.2:v=128+(val-128)*0.2"),
    ] {
      let result = try ExternalProgram.run([
        "ffmpeg", "-v", "error", "-i", "\(films)/calm.mp4", "-t", "0.5", "-vf", filter, "-c:v", "libx264", "-crf", "10",
        "\(folder)/\(name).mp4",
      ])
      try #require(result.code == 0, "\(result.output)")
    }
    return folder
  }

  @Test("such a video is undecided with the reason, never real; verify and report know it")
  func undecided() throws {
    let result = try AssayProgram.run("scan", try clips(), "-o", output.path("out"), "--frames", "3")
    #expect(result.code == 0 && result.output.contains("2 undecided (2 low quality)"), "\(result.output)")
    let rows = try AssayProgram.manifest(in: output.path("out")).videos
    try #require(rows.count == 3)
    for row in rows {
      let frames = row.content.frames
      if row.source.path.text.hasSuffix("plain.mp4") {
        #expect(row.finding.score != nil && frames.withFaces == 3 && frames.lowQuality == 0)
      } else {
        #expect(row.finding.verdict == .undecided && row.finding.score == nil && row.finding.reason == .lowQuality)
        #expect(frames.lowQuality == 3 && frames.withFaces == 0 && row.finding.tracks.isEmpty)
      }
    }
    let verified = try AssayProgram.run("verify", output.path("out"))
    #expect(verified.code == 0 && verified.output.contains("3 same"), "\(verified.output)")
    let reported = try AssayProgram.run("report", output.path("out"), "-q")
    #expect(reported.code == 0, "\(reported.output)")
    #expect(try output.text("out/report.html").contains("too small, dark or blurred to judge"))
  }
}
