import Foundation
import Ledger
import Pipeline
import Verdicts

/// Turns scored videos into rows as they arrive, and into the manifests at the end.
struct ScanRecorder: ~Copyable {
  private let plan: ScanPlan
  private let missingLabel: Double?
  private let metricsPath: String?
  private let started = Date()
  private let start = monotonicSeconds()
  private var writer: ManifestWriter
  private var table = TableRows()
  private let history: ScanHistory
  private var scanned = 0
  /// What the stages did, for the metrics.
  var stages: [StageReport] = []

  init(plan: ScanPlan, options: ScanOptions, history: ScanHistory) throws {
    self.plan = plan
    self.history = history
    missingLabel = options.submissionMissing
    metricsPath = options.metricsPath
    writer = try ManifestWriter(folder: options.output)
  }

  /// What the progress line adds: flagged and failed videos so far.
  var note: String {
    let counts = writer.summary
    return "\(counts.count(.fake)) fake, \(counts.count(.failed)) failed"
  }

  /// - Returns: the row.
  @discardableResult
  mutating func append(_ video: ScoredVideo) throws -> VideoRecord {
    let record = try plan.record(of: video)
    try history.record(record, of: video.file)
    try writer.append(record)
    scanned += 1
    table.add(record)
    return record
  }

  /// Adds the rows that earlier runs made, and publishes the manifests.
  consuming func finish(skipped: [String], interruptedBy signal: Int32?) throws -> ScanSummary {
    try history.ledger.forEachKeptRow(of: history.run) { line in table.add(try writer.append(line: line)) }
    let finished = Timestamp.now
    let header = RunHeader(
      assayVersion: assayVersion, startedAt: Timestamp(started), finishedAt: finished,
      host: ProcessInfo.processInfo.hostName, isComplete: signal == nil, counts: writer.summary,
      context: plan.context)
    let summary = ScanSummary(
      header: header, rows: table.sorted, rowsLeftOut: table.leftOut, folder: writer.folder,
      skipped: skipped + history.notes, seconds: monotonicSeconds() - start, interruptedBy: signal)
    let counts = history.counts
    var metrics = ScanMetrics(
      counts: header.counts, stages: stages, seconds: summary.seconds, scanned: scanned, kept: counts.kept,
      backlog: counts.waiting, finishedAt: finished, model: plan.context.model)
    let (history, metricsPath) = (history, metricsPath)
    try writer.finish(header: header, missingLabel: missingLabel)
    try history.ledger.finish(history.run, at: finished, isComplete: signal == nil)
    if let metricsPath {
      metrics.lastSuccess = try history.ledger.lastCompleteRun()
      try metrics.write(to: metricsPath)
    }
    return summary
  }
}

/// The rows that a summary shows on the screen; the manifest has them all.
struct TableRows {
  private static let most = 200

  private var rows: [VerdictTable.Row] = []
  private(set) var leftOut = 0

  var sorted: [VerdictTable.Row] { rows.sorted { $0.path < $1.path } }

  mutating func add(_ record: VideoRecord) {
    if rows.count < Self.most { rows.append(VerdictTable.Row(record)) } else { leftOut += 1 }
  }
}
