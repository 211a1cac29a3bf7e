import Files
import Foundation
import Pipeline
import TestSupport
import Testing
import Verdicts

@testable import Runs
@testable import Scanning

@Suite("Prometheus file")
struct ScanMetricsTests {
  private func metrics(lastSuccess: Timestamp?) -> ScanMetrics {
    var counts = RunSummary()
    counts.add(.noFace)
    counts.add(.failed(.crashed, message: ""))
    var stage = StageReport(name: "decode", workers: 2)
    stage.busySeconds = 2.5
    return ScanMetrics(
      counts: counts, stages: [stage], seconds: 3, scanned: 1, kept: 1, backlog: 7,
      finishedAt: Timestamp(nanosecondsSinceEpoch: 1_700_000_000_500_000_000), lastSuccess: lastSuccess,
      model: ModelRecord(name: "a \"b\"\\", sha256: "00"))
  }

  @Test("every verdict and reason has a sample, and labels are escaped")
  func samples() {
    let text = metrics(lastSuccess: Timestamp(nanosecondsSinceEpoch: 1_000_000_000)).text
    for line in [
      "assay_videos{verdict=\"no_face\"} 1.0", "assay_videos{verdict=\"fake\"} 0.0",
      "assay_failures{reason=\"crashed\"} 1.0", "assay_failures{reason=\"timeout\"} 0.0", "assay_backlog_videos 7.0",
      "assay_stage_seconds{stage=\"decode\",state=\"busy\"} 2.5", "assay_last_success_timestamp_seconds 1.0",
      "assay_last_run_timestamp_seconds 1700000000.5",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(line)")
    }
    #expect(text.contains(#"assay_info{model="a \"b\"\\",model_sha256="00",version="\#(assayVersion)"} 1.0"#))
    #expect(text.hasSuffix("\n"))
  }

  @Test("a name is described once, before its samples, and samples of one name stand together")
  func shape() {
    var described: [String] = []
    for line in metrics(lastSuccess: nil).text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        described.append(String(line.split(separator: " ")[2]))
      } else if !line.hasPrefix("#") {
        #expect(line.prefix { $0 != "{" && $0 != " " } == described.last ?? "")
      }
    }
    #expect(Set(described).count == described.count)
    #expect(!described.contains("assay_last_success_timestamp_seconds"))
  }

  @Test("the file is replaced as a whole, and nothing else is left beside it")
  func file() throws {
    let folder = ScratchFolder()
    try folder.write("old", to: "assay.prom")
    try metrics(lastSuccess: nil).write(to: folder.path("assay.prom"))
    #expect(try folder.names() == ["assay.prom"])
    #expect(try folder.text("assay.prom").hasPrefix("# HELP"))
    #expect(throws: FilesError.self) { try metrics(lastSuccess: nil).write(to: folder.path("none/assay.prom")) }
  }
}
