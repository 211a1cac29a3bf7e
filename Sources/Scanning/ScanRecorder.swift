import Decoder
import Foundation
import Ledger
import Pipeline
import Runs
package import Verdicts

/// Records scored videos as rows on arrival, and publishes the manifests at the end.
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
  /// Time spent on ledger and manifest.
  private var recording = StageReport(name: "record", workers: 1)
  private let floor: Double?
  private var canaries: [CanaryRecord] = []
  /// Reports of the stages, for the metrics.
  var stages: [StageReport] = []

  init(plan: ScanPlan, options: ScanOptions, history: ScanHistory) throws {
    self.plan = plan
    self.history = history
    missingLabel = options.submissionMissing
    metricsPath = options.metricsPath
    floor = options.canaries?.floor
    writer = try ManifestWriter(folder: options.output)
  }

  /// Note for the progress line: flagged and failed videos so far.
  var note: String {
    let counts = writer.summary
    return "\(counts.count(.fake)) fake, \(counts.count(.failed)) failed"
  }

  /// - Returns: the row; nil for a canary, whose row is kept separately.
  mutating func append(_ video: ScoredVideo) throws -> VideoRecord? {
    if let guise = video.file.canary {
      canaries.append(plan.canaryRecord(of: video, in: guise))
      return nil
    }
    let record = try plan.record(of: video)
    let begin = monotonicSeconds()
    try history.record(record, of: video.file)
    try writer.append(record)
    recording.busySeconds += monotonicSeconds() - begin
    recording.itemsIn += 1
    scanned += 1
    table.add(record)
    return record
  }

  /// Records a preliminary row in the ledger; it enters the manifest unless a final row replaces it.
  ///
  /// - Parameter quick: plan of the first pass.
  mutating func appendQuickLook(_ video: ScoredVideo, _ quick: ScanPlan) throws -> VideoRecord {
    let record = try quick.record(of: video)
    try history.record(record, of: video.file, isQuickLook: true)
    scanned += 1
    return record
  }

  /// Adds the rows kept from earlier runs, and publishes the manifests.
  consuming func finish(skipped: [String], interruptedBy signal: Int32?) throws -> ScanSummary {
    let begin = monotonicSeconds()
    try history.ledger.forEachKeptRow(of: history.run) { line in table.add(try writer.append(line: line)) }
    var quickLooks = 0
    if let key = history.quickKey {
      try history.ledger.forEachQuickRow(of: history.run, key: key) { table.add(try writer.append(line: $0)) }
      quickLooks = try history.ledger.quickLooks(listedIn: history.run, key: key).count
    }
    canaries.sort { ($0.video.source.path, $0.guise.rawValue) < ($1.video.source.path, $1.guise.rawValue) }
    let summed = canaries.isEmpty ? nil : CanarySummary(canaries, floor: floor)
    let finished = Timestamp.now
    let header = RunHeader(
      assayVersion: assayVersion, startedAt: Timestamp(started), finishedAt: finished,
      host: ProcessInfo.processInfo.hostName, isComplete: signal == nil, counts: writer.summary,
      context: plan.context, canaries: summed)
    let summary = ScanSummary(
      header: header, rows: table.sorted, rowsLeftOut: table.leftOut, folder: writer.folder,
      skipped: skipped + history.notes(quickLooks: quickLooks), seconds: monotonicSeconds() - start,
      interruptedBy: signal)
    let counts = history.counts
    var metrics = ScanMetrics(
      counts: header.counts, stages: stages + [recording], seconds: summary.seconds, scanned: scanned,
      kept: counts.kept,
      backlog: counts.waiting, finishedAt: finished, model: plan.context.model)
    metrics.quickLooks = quickLooks
    metrics.canaries = summed
    let (history, metricsPath, canaries) = (history, metricsPath, canaries)
    try writer.finish(header: header, missingLabel: missingLabel, canaries: canaries)
    // A run that missed its canaries must not count as a success for alerting.
    let isSuccess = signal == nil && summed?.isBelowFloor != true
    try history.ledger.finish(history.run, at: finished, isComplete: isSuccess)
    metrics.stages[metrics.stages.endIndex - 1].busySeconds += monotonicSeconds() - begin
    if let metricsPath {
      metrics.lastSuccess = try history.ledger.lastCompleteRun()
      try metrics.write(to: metricsPath)
    }
    return summary
  }
}

/// The rows shown in the terminal summary; the manifest has all of them.
package struct TableRows {
  private static let most = 200

  private var rows: [VerdictTable.Row] = []
  package private(set) var leftOut = 0

  package var sorted: [VerdictTable.Row] { rows.sorted { $0.path < $1.path } }

  package init(leftOut: Int = 0) {
    self.leftOut = leftOut
  }

  package mutating func add(_ record: VideoRecord) {
    if rows.count < Self.most { rows.append(VerdictTable.Row(record)) } else { leftOut += 1 }
  }
}
