import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay calibrate", .heavy)
struct CalibrateTests {
  private let output = ScratchFolder()

  @Test("real videos give thresholds; a scan uses and records them, and verify follows")
  func thresholds() throws {
    for name in ["calm.mp4", "couple.mp4", "portrait.mp4"] { _ = try output.draw(name, into: "real") }
    let calibrate = [
      "calibrate", output.path("real"), "-o", output.path("site.json"), "--frames", "4",
    ]
    let few = try AssayProgram.run(calibrate)
    #expect(few.code == 2 && few.output.contains("needs 99"), "\(few.output)")
    let fitted = try AssayProgram.run(calibrate + ["--false-positive-rate", "0.25", "--flag-rate", "0.5"])
    #expect(fitted.code == 0 && fitted.output.contains("3 real videos with a score"), "\(fitted.output)")

    let films = try output.draw("swapped.mp4", into: "films")
    let scan = ["scan", films, "-o", output.path("out"), "-q", "--calibration", output.path("site.json")]
    let result = try AssayProgram.run(scan + ["--frames", "4"])
    #expect(result.code == 0, "\(result.output)")
    let row = try #require(try AssayProgram.manifest(in: output.path("out")).videos.first)
    let real = try AssayProgram.manifest(in: output.path("site.json.scan")).videos
    let scores = real.compactMap(\.finding.score).sorted()
    #expect(scores.count == 3)
    #expect(row.context.thresholds == Thresholds(real: scores[1] + 1e-6, fake: scores[2] + 1e-6))
    #expect(row.context.settings.values["calibration"]?.hasPrefix("3 real videos, rates 0.25 and 0.5") == true)
    #expect(row.finding.verdict == row.context.thresholds.verdict(for: try #require(row.finding.score)))
    let verified = try AssayProgram.run(["verify", output.path("out")])
    #expect(verified.code == 0, "\(verified.output)")

    let other = try AssayProgram.run(scan + ["--frames", "5"])
    #expect(other.code == 64 && other.output.contains("frames"), "\(other.output)")
    let both = try AssayProgram.run(scan + ["--frames", "4", "--threshold", "0.5"])
    #expect(both.code == 64, "\(both.output)")
  }
}
