import Foundation
import Ledger
import Media
import Models
import Pipeline
import Verdicts

/// Scores videos and writes the manifests: the main job.
///
/// Videos that an earlier run has scanned, and that have not changed since, keep their rows; the ledger knows them.
///
/// - Returns: what was found; a video that could not be decoded is a row, not an error.
/// - Throws: `WorkflowError` when the run itself cannot go on: no model, no decoder process, no room for the output.
public func scanVideos(settings: ScanSettings, options: ScanOptions) throws -> ScanSummary {
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
  let model = try loadModel(at: options.modelPath)
  let outputLock = try OutputLock(folder: options.output)
  let ledgerLock = try OutputLock(ledger: options.ledgerPath)
  defer {
    withExtendedLifetime(outputLock) {}
    withExtendedLifetime(ledgerLock) {}
  }
  let plan = try ScanPlan(settings: settings, model: model)
  let history = try ScanHistory(plan: plan, options: options, startedAt: .now)
  var recorder = try ScanRecorder(plan: plan, options: options, history: history)

  let interruption = Interruption.shared
  interruption.install()
  monitor.started(plan.context, inputs: options.inputs)
  let walk = InputWalk(inputs: options.inputs, followSymlinks: options.followSymlinks)
  countVideos(walk, for: monitor.progress)

  let skipped = SkippedInputs()
  let pass = ScanPass(plan: plan, model: model, settings: settings, options: options)
  recorder.stages = try pass.run({ emit in
    let feed = ScanFeed(walk: walk, limit: options.limit, history: history, faults: plan.faults, monitor: monitor)
    skipped.set(try feed.run(emit))
  }) { video in
    try monitor.scanned(recorder.append(video), note: recorder.note)
  }
  return try recorder.finish(skipped: skipped.notes, interruptedBy: interruption.signal)
}
