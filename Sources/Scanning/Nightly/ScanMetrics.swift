import Decoder
import Files
import Foundation
import Pipeline
import Runs
import Verdicts

/// Metrics of a scan in a text file for Prometheus (node_exporter's textfile collector).
///
/// A failed run leaves the previous run's file unchanged: alert on the age of the last success.
struct ScanMetrics {
  var counts: RunSummary
  var stages: [StageReport]
  var seconds: Double
  /// Numbers of videos scanned, kept from an earlier run, and still waiting.
  var scanned: Int
  var kept: Int
  var backlog: Int
  /// Number of videos listed with a preliminary row.
  var firstPasses = 0
  /// Number of videos that take the row of another name of the same file.
  var linked = 0
  /// Files without a row.
  var leftOut = LeftOutCounts()
  /// Folders that could not be read.
  var folderFailures: [FolderFailure] = []
  /// Result on known fakes; nil in a run without canaries.
  var canaries: CanarySummary?
  /// Distribution of the videos that the scan decoded, and how it differs from earlier runs.
  var newlyScanned = RunDistribution()
  var shifts: [DistributionShift] = []
  var finishedAt: Timestamp
  /// End of the last run in which every video got its row; nil before the first.
  var lastSuccess: Timestamp?
  var model: ModelRecord

  /// Replaces an older file atomically.
  func write(to path: String) throws(FilesError) { try AtomicFile.write(text, to: path) }

  /// Prometheus text format, version 0.0.4.
  var text: String {
    var page = PrometheusPage()
    page.gauge(
      "assay_videos", "Videos listed by the last scan, by verdict.",
      Verdict.allCases.map { (["verdict": $0.rawValue], Double(counts.count($0))) })
    page.gauge(
      "assay_failures", "Videos without a verdict in the last scan, by reason.",
      FailureReason.allCases.map { (["reason": $0.rawValue], Double(counts.reasons[$0] ?? 0)) })
    page.gauge("assay_scanned_videos", "Videos that the last scan decoded.", Double(scanned))
    page.gauge("assay_kept_videos", "Videos that keep the row of an earlier scan.", Double(kept))
    page.gauge("assay_backlog_videos", "Videos that were found and still wait for a scan.", Double(backlog))
    page.gauge("assay_quick_look_videos", "Videos that have had the first pass only.", Double(firstPasses))
    page.gauge("assay_linked_videos", "Videos that take the row of another name of the same file.", Double(linked))
    page.gauge(
      "assay_left_out_files", "Files in the input folders without a row, by reason.",
      LeftOutReason.allCases.map { (["reason": $0.rawValue], Double(leftOut[$0])) })
    page.gauge(
      "assay_unreadable_folders", "Folders that the last scan could not read.", Double(folderFailures.count))
    page.gauge(
      "assay_stale_videos", "Videos in unreadable folders, listed with the row of an earlier scan.",
      Double(folderFailures.reduce(0) { $0 + $1.staleVideos }))
    if let canaries {
      let guises = CanaryGuise.allCases.compactMap { guise in canaries.guises[guise].map { (guise.rawValue, $0) } }
      page.gauge(
        "assay_canaries", "Known fakes in the last scan, by guise and verdict.",
        guises.flatMap { guise, tally in
          Verdict.allCases.map {
            (["guise": guise, "verdict": $0.rawValue], Double(tally.verdicts[$0] ?? 0))
          }
        })
      page.gauge(
        "assay_canary_recall", "Fraction of the known fakes that the last scan called fake, by guise.",
        guises.map { (["guise": $0.0], $0.1.recall) })
      if let floor = canaries.floor {
        page.gauge("assay_canary_recall_floor", "Recall of plain and recompressed canaries that is asked for.", floor)
      }
    }
    page.gauge(
      "assay_scanned_scores", "Videos that the last scan decoded, by tenths of the score.",
      newlyScanned.scoreTenths.enumerated().map {
        (["from": "0.\($0.offset)"], Double($0.element))
      })
    page.gauge(
      "assay_scanned_verdicts", "Videos that the last scan decoded, by verdict.",
      Verdict.allCases.map { (["verdict": $0.rawValue], Double(newlyScanned.count($0))) })
    for (name, counts) in [("container", newlyScanned.containers), ("codec", newlyScanned.codecs)] {
      page.gauge(
        "assay_scanned_\(name)s", "Videos that the last scan decoded, by \(name).",
        counts.sorted { $0.key < $1.key }.map { ([name: $0.key], Double($0.value)) })
    }
    page.gauge(
      "assay_shift", "Population stability index of what the last scan decoded, against earlier runs.",
      shifts.map { (["of": $0.kind.rawValue], $0.index) })
    page.gauge(
      "assay_shift_detected", "1 where the index is at least 0.25 and more than chance explains.",
      shifts.map { (["of": $0.kind.rawValue], $0.isShift ? 1 : 0) })
    let states: [(String, KeyPath<StageReport, Double>)] = [
      ("busy", \.busySeconds), ("starved", \.starvedSeconds), ("blocked", \.blockedSeconds),
    ]
    page.gauge(
      "assay_stage_seconds", "Time of the stages' workers in the last scan, summed.",
      stages.flatMap { stage in states.map { (["stage": stage.name, "state": $0.0], stage[keyPath: $0.1]) } })
    page.gauge("assay_run_seconds", "Duration of the last scan.", seconds)
    page.gauge("assay_last_run_timestamp_seconds", "When the last scan ended.", finishedAt.seconds)
    if let lastSuccess {
      page.gauge(
        "assay_last_success_timestamp_seconds", "When the last scan ended that gave every video its row.",
        lastSuccess.seconds)
    }
    page.gauge(
      "assay_info", "Versions in use.",
      [(["version": assayVersion, "model": model.name, "model_sha256": model.sha256], 1)])
    return page.text
  }
}

/// Builds text in the Prometheus text format.
struct PrometheusPage {
  private(set) var text = ""

  mutating func gauge(_ name: String, _ help: String, _ value: Double) {
    gauge(name, help, [([:], value)])
  }

  mutating func gauge(_ name: String, _ help: String, _ samples: [(labels: [String: String], value: Double)]) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
    for sample in samples {
      let labels = sample.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      text += name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(sample.value)\n"
    }
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

extension Timestamp {
  fileprivate var seconds: Double { Double(nanosecondsSinceEpoch) / 1e9 }
}
