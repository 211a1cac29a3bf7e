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
  /// Of the rows that this run made itself.
  private var newlyScanned = RunDistribution()
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
    newlyScanned.add(record)
    table.add(record)
    return record
  }

  /// Records a preliminary row in the ledger; it enters the manifest unless a final row replaces it.
  ///
  /// - Parameter quick: plan of the first pass.
  mutating func appendFirstPass(_ video: ScoredVideo, _ quick: ScanPlan) throws -> VideoRecord {
    let record = try quick.record(of: video)
    try history.record(record, of: video.file, isFirstPass: true)
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
    try history.close()
    // Before rows of earlier runs are listed, which have nothing to say of this run's links.
    try history.recordLinked { record in
      try writer.append(record)
      table.add(record)
    }
    var staleness = Staleness()
    var failures = walk.failures
    for index in failures.indices {
      let paths = try history.keepEarlier(below: failures[index].path.bytes)
      staleness.add(paths, because: failures[index].text)
      failures[index].staleVideos = paths.count
    }
    if !walk.isFinished {
      for root in roots {
        staleness.add(
          try history.keepEarlier(below: root), because: "the run was stopped before it came to this file")
      }
    }
    try history.ledger.forEachKeptRow(of: history.run) { line in
      let own = plan.context.model
      table.add(
        try writer.append(line: line) { record in
          let isStale = staleness.mark(&record)
          return record.markOtherModel(than: own) || isStale
        })
    }
    var firstPasses = 0
    if let key = history.quickKey {
      try history.ledger.forEachFirstPassRow(of: history.run, key: key) { table.add(try writer.append(line: $0)) }
      firstPasses = try history.ledger.firstPasses(listedIn: history.run, key: key).count
    }
    canaries.sort { ($0.video.source.path, $0.guise.rawValue) < ($1.video.source.path, $1.guise.rawValue) }
    let summed = canaries.isEmpty ? nil : CanarySummary(canaries, floor: floor)
    let finished = Timestamp.now
    let isComplete = signal == nil && failures.isEmpty
    let header = RunHeader(
      assayVersion: assayVersion, startedAt: Timestamp(started), finishedAt: finished,
      host: ProcessInfo.processInfo.hostName, isComplete: isComplete, counts: writer.summary,
      distribution: writer.distribution, context: plan.context, modelCard: plan.modelCard,
      keptRows: try history.ledger.keptRows(of: history.run),
      leftOut: walk.leftOut, folderFailures: failures,
      canaries: summed)
    let summary = ScanSummary(
      header: header, rows: table.sorted, rowsLeftOut: table.leftOut, folder: writer.folder,
      skipped: history.notes(firstPasses: firstPasses) + [walk.leftOut.line].compactMap(\.self)
        + plan.warnings.filter { $0.code == .cropSettings }.map { "all rows: \($0.message)" },
      seconds: monotonicSeconds() - start, interruptedBy: signal)
    let counts = history.counts
    var metrics = ScanMetrics(
      counts: header.counts, stages: stages + [recording], seconds: summary.seconds, scanned: scanned,
      kept: counts.kept,
      backlog: counts.waiting, finishedAt: finished, model: plan.context.model)
    metrics.firstPasses = firstPasses
    metrics.linked = counts.linked
    metrics.leftOut = walk.leftOut
    metrics.folderFailures = failures
    metrics.canaries = summed
    metrics.newlyScanned = newlyScanned
    // Before this run is among those that have ended.
    if metricsPath != nil {
      metrics.shifts = DistributionShift.shifts(
        of: newlyScanned, from: DistributionShift.reference(try history.ledger.runs(last: nil), for: plan.context))
    }
    let (history, metricsPath, canaries, newlyScanned) = (history, metricsPath, canaries, newlyScanned)
    try writer.finish(header: header, missingLabel: missingLabel, canaries: canaries)
    // A run that missed its canaries must not count as a success for alerting.
    let isSuccess = isComplete && summed?.isBelowFloor != true
    try history.ledger.finish(history.run, at: finished, isComplete: isSuccess, newlyScanned: newlyScanned)
    metrics.stages[metrics.stages.endIndex - 1].busySeconds += monotonicSeconds() - begin
    if let metricsPath {
      metrics.lastSuccess = try history.ledger.lastCompleteRun()
      try metrics.write(to: metricsPath)
    }
    return summary
  }
}

extension VideoRecord {
  /// Adds a warning to a row of another model.
  ///
  /// - Returns: whether it did.
  fileprivate mutating func markOtherModel(than own: ModelRecord) -> Bool {
    guard context.model.sha256 != own.sha256 else { return false }
    warnings.append(
      WarningRecord(
        .otherModel,
        "this is the verdict of the model \(context.model.name) \(context.model.sha256.prefix(12)), not of "
          + "\(own.name)"))
    return true
  }
}

/// Why this run could not look at the files of some kept rows.
private struct Staleness {
  private var reasons: [[UInt8]: String] = [:]

  mutating func add(_ paths: [[UInt8]], because reason: String) {
    for path in paths { reasons[path] = "\(reason): this is the row of an earlier run" }
  }

  /// Adds a warning to a row that may be out of date.
  ///
  /// - Returns: whether it did.
  func mark(_ record: inout VideoRecord) -> Bool {
    guard let reason = reasons[record.source.path.bytes] else { return false }
    record.warnings.append(WarningRecord(.stale, reason))
    return true
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
