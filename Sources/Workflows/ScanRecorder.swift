import Foundation
import Ledger
import Pipeline
import Verdicts

/// Turns scored videos into rows as they arrive, and into the manifests at the end.
struct ScanRecorder: ~Copyable {
  /// Rows that are kept for the table on the screen; the manifest has them all.
  private static let mostTableRows = 200

  private let plan: ScanPlan
  private let missingLabel: Double?
  private let metricsPath: String?
  private let started = Date()
  private let start = monotonicSeconds()
  private var writer: ManifestWriter
  private var rows: [VerdictTable.Row] = []
  private var rowsLeftOut = 0
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
    var record = VideoRecord(
      video, judge: plan.judge, context: plan.context, framesAsked: plan.request.frames, warnings: plan.warnings)
    if let attack = plan.attack { try record.setEffect(of: attack, on: video) }
    record.margin = video.margin
    record.recompression = video.recompression
    try history.record(record, of: video.file)
    try writer.append(record)
    scanned += 1
    show(record)
    return record
  }

  private mutating func show(_ record: VideoRecord) {
    if rows.count < Self.mostTableRows { rows.append(VerdictTable.Row(record)) } else { rowsLeftOut += 1 }
  }

  /// Adds the rows that earlier runs made, and publishes the manifests.
  consuming func finish(skipped: [String], interruptedBy signal: Int32?) throws -> ScanSummary {
    try history.ledger.forEachKeptRow(of: history.run) { line in show(try writer.append(line: line)) }
    let finished = Timestamp.now
    let header = RunHeader(
      assayVersion: assayVersion, startedAt: Timestamp(started), finishedAt: finished,
      host: ProcessInfo.processInfo.hostName, isComplete: signal == nil, counts: writer.summary,
      context: plan.context)
    let summary = ScanSummary(
      header: header, rows: rows.sorted { $0.path < $1.path }, rowsLeftOut: rowsLeftOut, folder: writer.folder,
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
