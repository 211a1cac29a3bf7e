import Decoder
import Foundation
import Ledger
import Media
import Models
import Pipeline
import Runs
import Scoring
import Synchronization
import Verdicts

/// Scores videos and writes the manifests.
///
/// Videos that an earlier run has scanned and that have not changed since keep their rows from the ledger.
///
/// - Returns: the summary; a video that could not be decoded is a row, not an error.
/// - Throws: `WorkflowError` when the run itself cannot continue: no model, no decoder process, no space for the
///   output.
package func scanVideos(settings: ScanSettings, options: ScanOptions) throws -> ScanSummary {
  let monitor = ScanMonitor(settings: settings, options: options)
  do {
    let summary = try scan(settings, options, monitor)
    monitor.finished(summary)
    return summary
  } catch {
    let explained = WorkflowError.explaining(error)
    monitor.failed(explained)
    throw explained
  }
}

private func scan(_ settings: ScanSettings, _ options: ScanOptions, _ monitor: ScanMonitor) throws -> ScanSummary {
  let begin = monotonicSeconds()
  let model = try loadModel(at: options.modelPath)
  model.warnIfUncalibrated()
  let outputLock = try OutputLock(folder: options.output)
  let ledgerLock = try OutputLock(ledger: options.ledgerPath)
  defer {
    withExtendedLifetime(outputLock) {}
    withExtendedLifetime(ledgerLock) {}
  }
  try ProductMarker.mark(
    ["manifest.json", "manifest.jsonl", "manifest.csv", "submission.csv", ".manifest.jsonl.partial", ".assay.lock"]
      + ["", "-wal", "-shm", ".lock"].map { "assay.sqlite" + $0 }, in: options.output)
  let plan = try ScanPlan(settings: settings, model: model)
  let firstPass = settings.firstPass
  let quick =
    options.budgetSeconds == nil ? nil : try ScanPlan(settings: firstPass, model: model, isFirstPass: true)
  let canaries =
    try options.canaries.map {
      try Canaries($0, inputs: options.inputs, followSymlinks: options.followSymlinks)
    } ?? .none
  let history = try ScanHistory(plan: plan, quick: quick, options: options, startedAt: .now)
  var recorder = try ScanRecorder(plan: plan, options: options, history: history)

  let interruption = Interruption.shared
  interruption.install()
  interruption.onRequest { monitor.stopping("interrupted") }
  monitor.started(plan.context, inputs: options.inputs)
  monitor.announceCosts(settings, options, canaries: canaries.waiting.count)
  let search = options.search
  countVideos(search.walk, for: monitor.progress)

  let deadline = options.budgetSeconds.map { begin + $0 }
  var pass = ScanPass(
    plan: plan, settings: settings, options: options, hasCanaries: options.canaries != nil, deadline: deadline)
  pass.onBudgetEnd = { monitor.stopping("the time budget is used up", isSignal: false) }
  pass.onActivity = { monitor.progress.setActivity($0) }
  let found = SharedReport()
  /// Whether something is left to do, for a run that was interrupted.
  let hasMore: Bool
  if let quick {
    var first = ScanPass(plan: quick, settings: firstPass, options: options, deadline: deadline)
    first.onBudgetEnd = pass.onBudgetEnd
    let scan = BudgetedScan(
      quick: first, whole: pass, search: search, limit: options.limit, canaries: canaries, history: history,
      monitor: monitor)
    let outcome = try scan.run(&recorder, found: found)
    recorder.stages = outcome.stages
    hasMore = outcome.isCutShort || outcome.canariesPutBack > 0
  } else {
    let outcome = try pass.run({ [pass] emit in
      let feed = ScanFeed(
        search: search, limit: options.limit, stop: pass.stop, canaries: canaries, history: history,
        faults: plan.faults, monitor: monitor)
      found.set(try feed.run(emit))
    }) { video in
      if let record = try recorder.append(video) { monitor.scanned(record, note: recorder.note) }
    }
    recorder.stages = outcome.stages
    history.leaveWaiting(outcome.putBack)
    hasMore = outcome.canariesSent - outcome.canariesPutBack < canaries.waiting.count
  }
  let walk = found.report
  // A run that had nothing left to do when the signal came ends as done.
  let isCutShort = hasMore || history.counts.waiting > 0 || !walk.isFinished
  var summary = try recorder.finish(
    walk, roots: search.walk.roots, interruptedBy: isCutShort ? interruption.signal : nil)
  for failure in summary.header.folderFailures { monitor.folderFailed(failure) }
  try check(walk, options)
  try check(summary)
  if let export = options.export, summary.interruptedBy == nil {
    let handed = try handOver(
      manifest: options.output + "/manifest.jsonl", ledger: history.ledger, options: export)
    monitor.handedOver(handed)
    summary.export = handed
  }
  return summary
}

/// - Throws: `WorkflowError.input` when the folders hold files, and none of them is a video.
private func check(_ walk: InputWalk.Report, _ options: ScanOptions) throws(WorkflowError) {
  let others = walk.leftOut.total - walk.leftOut[.metadata]
  guard walk.isFinished, walk.accepted == 0, others > 0, walk.failures.isEmpty, !options.ledger.allowEmpty else {
    return
  }
  let inputs = options.inputs.map { Terminal.harmless(String(decoding: $0, as: UTF8.self)) }
  throw .input(
    path: inputs.joined(separator: " "),
    why: "no video was found (\(walk.leftOut.line ?? "")). A file that is named is scanned whatever it is")
}

/// The report of a walk, passed from its thread.
final class SharedReport: Sendable {
  private let state = Mutex<InputWalk.Report?>(nil)

  /// That of a walk that did not end in time says so.
  var report: InputWalk.Report {
    state.withLock { report in
      if let report { return report }
      var unfinished = InputWalk.Report()
      unfinished.isFinished = false
      return unfinished
    }
  }

  func set(_ report: InputWalk.Report) { state.withLock { $0 = report } }
}

/// - Throws: `WorkflowError.canaries` when too few known fakes were found.
private func check(_ summary: ScanSummary) throws(WorkflowError) {
  guard summary.interruptedBy == nil, let canaries = summary.header.canaries, canaries.isBelowFloor else { return }
  throw .canaries(
    "\(canaries.line), below the floor of \(canaries.floor ?? 0): the manifests in \(summary.folder) are written, but this "
      + "night's verdicts are not to be relied on. Nothing was handed over")
}
