import ArgumentParser
import Foundation
import TestSupport
import Testing
import Verdicts

@testable import assay

@Suite("Unattended scans", .heavy)
struct NightlyTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()

  private static let deploy = URL(filePath: #filePath).appending(path: "../../../pipelines/deploy").standardized.path

  @Test("a run writes its metrics, and a second one adds those of the ledger")
  func metrics() throws {
    try videos.makeOldClip("a.mp4")
    try videos.write("no film", to: "b.mp4")
    try videos.setModified("b.mp4", "2020-01-01")
    let scan = ["scan", videos.path, "-o", output.path("out"), "-q", "--metrics", output.path("assay.prom")]
    #expect(try AssayProgram.run(scan + ["--limit", "1"]).code == 0)
    #expect(try output.text("assay.prom").contains("\nassay_backlog_videos 1.0\n"))
    #expect(try AssayProgram.run(scan).code == 3)
    let text = try output.text("assay.prom")
    for line in [
      "assay_videos{verdict=\"no_face\"} 1.0", "assay_failures{reason=\"not_video\"} 1.0", "assay_scanned_videos 1.0",
      "assay_kept_videos 1.0", "assay_backlog_videos 0.0",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(line)")
    }
    #expect(text.contains("assay_stage_seconds{stage=\"decode\",state=\"busy\"}"))
    // A run that fails leaves them alone.
    #expect(try AssayProgram.run(scan + ["--model", output.path("assay.prom")]).code == 2)
    #expect(try output.text("assay.prom") == text)
  }

  @Test("the log has one line per event, and stderr contains nothing else")
  func log() throws {
    try videos.write("no film", to: "b.mp4")
    let result = try AssayProgram.run(
      "scan", videos.path, "-o", output.path("out"), "-q", "--log-format", "json")
    let events = try result.output.split(separator: "\n").map { line in
      try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    }
    #expect(events.map { $0["message"] } == ["scan started", "no verdict", "scan finished"])
    #expect(events[1]["reason"] == "not_video" && events[1]["path"] == videos.path("b.mp4"))
  }

  @Test(
    "the units of this repository pass systemd-analyze verify",
    .enabled(
      if: ExternalProgram.succeeds("systemd-analyze", "--version"),
      "systemd-analyze is not installed (Debian: systemd)"),
    arguments: [
      "assay-nightly.service", "assay-nightly.timer", "assay-export.service", "assay-alert@.service",
    ])
  func units(name: String) throws {
    // The program has to be there, so the built one stands in.
    for unit in try FileManager.default.contentsOfDirectory(atPath: Self.deploy + "/systemd") {
      let text = try String(contentsOfFile: "\(Self.deploy)/systemd/\(unit)", encoding: .utf8)
      try output.write(
        text.replacing("/usr/local/bin/assay", with: AssayProgram.path).replacing("/usr/bin/logger", with: "/bin/true"),
        to: unit)
    }
    let result = try ExternalProgram.run([
      "SYSTEMD_UNIT_PATH=\(output.path):", "systemd-analyze", "verify", "--recursive-errors=yes", output.path(name),
    ])
    #expect(result.code == 0 && result.output.isEmpty, "\(result.output)")
  }

  @Test("the commands of the units and of the cron line are valid")
  func commands() throws {
    let service = try String(contentsOfFile: Self.deploy + "/systemd/assay-nightly.service", encoding: .utf8)
    let cron = try String(contentsOfFile: Self.deploy + "/cron/assay", encoding: .utf8)
    let unitLine = try #require(service.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    let cronLine = try #require(cron.split(separator: "\n").first { $0.hasPrefix("0 2") })
    let nightly = URL(filePath: Self.deploy).appending(path: "../nightly.yaml").standardized.path
    for line in [unitLine, cronLine] {
      let words = line.split(separator: " ").map { String($0.replacing("/etc/assay/nightly.yaml", with: nightly)) }
      let start = try #require(words.firstIndex(of: "scan"))
      let arguments = try PipelineFile.expand(Array(words[start...]), for: Assay.self)
      let scan = try #require(try Assay.parseAsRoot(arguments) as? Scan)
      #expect(scan.nightly.metrics == "/var/lib/assay/assay.prom" && scan.daily.quiet)
    }
  }
}
