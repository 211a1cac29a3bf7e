import Foundation
import Ledger
import Media
import Models
import Pipeline
import Runs
import Scoring
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
  let outputLock = try OutputLock(folder: options.output)
  let ledgerLock = try OutputLock(ledger: options.ledgerPath)
  defer {
    withExtendedLifetime(outputLock) {}
    withExtendedLifetime(ledgerLock) {}
  }
  let plan = try ScanPlan(settings: settings, model: model)
  let quickLook = settings.quickLook
  let quick =
    options.budgetSeconds == nil ? nil : try ScanPlan(settings: quickLook, model: model, isQuickLook: true)
  let canaries =
    try options.canaries.map {
      try Canaries($0, inputs: options.inputs, followSymlinks: options.followSymlinks)
    } ?? .none
  let history = try ScanHistory(plan: plan, quick: quick, options: options, startedAt: .now)
  var recorder = try ScanRecorder(plan: plan, options: options, history: history)

  let interruption = Interruption.shared
  interruption.install()
  monitor.started(plan.context, inputs: options.inputs)
  let walk = InputWalk(inputs: options.inputs, followSymlinks: options.followSymlinks)
  countVideos(walk, for: monitor.progress)

  let pass = ScanPass(
    plan: plan, settings: settings, options: options, hasCanaries: options.canaries != nil)
  let notes: [String]
  if let quick, let seconds = options.budgetSeconds {
    let scan = BudgetedScan(
      quick: ScanPass(plan: quick, settings: quickLook, options: options), whole: pass, walk: walk,
      limit: options.limit, canaries: canaries, history: history, monitor: monitor, deadline: begin + seconds)
    (recorder.stages, notes) = try scan.run(&recorder)
  } else {
    let skipped = SkippedInputs()
    recorder.stages = try pass.run({ emit in
      let feed = ScanFeed(
        walk: walk, limit: options.limit, canaries: canaries, history: history, faults: plan.faults, monitor: monitor)
      skipped.set(try feed.run(emit))
    }) { video in
      if let record = try recorder.append(video) { monitor.scanned(record, note: recorder.note) }
    }
    notes = skipped.notes
  }
  var summary = try recorder.finish(skipped: notes, interruptedBy: interruption.signal)
  try check(summary)
  if let export = options.export, summary.interruptedBy == nil {
    let handed = try handOver(
      manifest: options.output + "/manifest.jsonl", ledger: history.ledger, options: export)
    monitor.handedOver(handed)
    summary.export = handed
  }
  return summary
}

/// - Throws: `WorkflowError.canaries` when too few known fakes were found.
private func check(_ summary: ScanSummary) throws(WorkflowError) {
  guard summary.interruptedBy == nil, let canaries = summary.header.canaries, canaries.isBelowFloor else { return }
  throw .canaries(
    "\(canaries.line), below the floor of \(canaries.floor ?? 0): the manifests in \(summary.folder) are written, but this "
      + "night's 'real' is not to be relied on. Nothing was handed over")
}
