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
  ///
  /// - Parameters:
  ///   - walk: what the walk found out.
  ///   - signal: the signal that ended the run before its end; nil if there was none.
  consuming func finish(_ walk: InputWalk.Report, roots: [[UInt8]], interruptedBy signal: Int32?) throws -> ScanSummary
  {
    let begin = monotonicSeconds()
    let failures = try history.keepStale(walk.failures)
    if !walk.isFinished { for root in roots { _ = try history.ledger.keepEarlier(below: root, in: history.run) } }
    try history.recordLinked { record in
      try writer.append(record)
      table.add(record)
    }
    let staleness = Staleness(failures, unreached: walk.isFinished ? [] : roots)
    try history.ledger.forEachKeptRow(of: history.run) { line in
      table.add(try writer.append(line: line, changing: staleness.mark))
    }
    var quickLooks = 0
    if let key = history.quickKey {
      try history.ledger.forEachQuickRow(of: history.run, key: key) { table.add(try writer.append(line: $0)) }
      quickLooks = try history.ledger.quickLooks(listedIn: history.run, key: key).count
    }
    canaries.sort { ($0.video.source.path, $0.guise.rawValue) < ($1.video.source.path, $1.guise.rawValue) }
    let summed = canaries.isEmpty ? nil : CanarySummary(canaries, floor: floor)
    let finished = Timestamp.now
    let isComplete = signal == nil && failures.isEmpty
    let header = RunHeader(
      assayVersion: assayVersion, startedAt: Timestamp(started), finishedAt: finished,
      host: ProcessInfo.processInfo.hostName, isComplete: isComplete, counts: writer.summary,
      context: plan.context, leftOut: walk.leftOut, folderFailures: failures, canaries: summed)
    let summary = ScanSummary(
      header: header, rows: table.sorted, rowsLeftOut: table.leftOut, folder: writer.folder,
      skipped: history.notes(quickLooks: quickLooks) + [walk.leftOut.line].compactMap(\.self),
      seconds: monotonicSeconds() - start, interruptedBy: signal)
    let counts = history.counts
    var metrics = ScanMetrics(
      counts: header.counts, stages: stages + [recording], seconds: summary.seconds, scanned: scanned,
      kept: counts.kept,
      backlog: counts.waiting, finishedAt: finished, model: plan.context.model)
    metrics.quickLooks = quickLooks
    metrics.linked = counts.linked
    metrics.leftOut = walk.leftOut
    metrics.folderFailures = failures
    metrics.canaries = summed
    let (history, metricsPath, canaries) = (history, metricsPath, canaries)
    try writer.finish(header: header, missingLabel: missingLabel, canaries: canaries)
    // A run that missed its canaries must not count as a success for alerting.
    let isSuccess = isComplete && summed?.isBelowFloor != true
    try history.ledger.finish(history.run, at: finished, isComplete: isSuccess)
    metrics.stages[metrics.stages.endIndex - 1].busySeconds += monotonicSeconds() - begin
    if let metricsPath {
      metrics.lastSuccess = try history.ledger.lastCompleteRun()
      try metrics.write(to: metricsPath)
    }
    return summary
  }
}

/// Which kept rows are about files that this run could not look at.
private struct Staleness {
  private var folders: [(prefix: [UInt8], message: String)]

  init(_ failures: [FolderFailure], unreached roots: [[UInt8]]) {
    let earlier = "this is the row of an earlier run"
    folders = failures.map { (Self.prefix($0.path.bytes), "\($0.text): \(earlier)") }
    folders += roots.map { (Self.prefix($0), "the run was stopped before it came to this file: \(earlier)") }
  }

  /// Adds a warning to a row that may be out of date.
  ///
  /// - Returns: whether it did.
  func mark(_ record: inout VideoRecord) -> Bool {
    let path = record.source.path.bytes
    guard let folder = folders.first(where: { path.starts(with: $0.prefix) }) else { return false }
    record.warnings.append(WarningRecord(.stale, folder.message))
    return true
  }

  private static func prefix(_ folder: [UInt8]) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    return folder.last == slash ? folder : folder + [slash]
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
