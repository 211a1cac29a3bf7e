import Foundation
import Ledger
import Media
import Models
import Pipeline
import Synchronization
import Verdicts

/// Scores videos and writes the manifests: the main job.
///
/// Videos that an earlier run has scanned, and that have not changed since, keep their rows; the ledger knows them.
///
/// - Returns: what was found; a video that could not be decoded is a row, not an error.
/// - Throws: `WorkflowError` when the run itself cannot go on: no model, no decoder process, no room for the output.
public func scanVideos(settings: ScanSettings, options: ScanOptions) throws -> ScanSummary {
  do { return try scan(settings, options) } catch { throw WorkflowError.explaining(error) }
}

private func scan(_ settings: ScanSettings, _ options: ScanOptions) throws -> ScanSummary {
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
  let walk = InputWalk(inputs: options.inputs, followSymlinks: options.followSymlinks)
  let progress = ProgressLine(unit: "videos", quiet: options.quiet)
  countVideos(walk, limit: options.limit, for: progress)

  let skipped = SkippedInputs()
  let pass = ScanPass(plan: plan, model: model, settings: settings, options: options)
  var changed: [[UInt8]] = []
  _ = try pass.run({ emit in
    skipped.set(try newVideos(walk, limit: options.limit, history, progress, emit))
  }) { video in
    if video.file.failure?.reason == .changed {
      changed.append(video.file.path)
    } else {
      try recorder.append(video)
      progress.advance(note: recorder.note)
    }
  }
  if !changed.isEmpty, !interruption.isRequested {
    _ = try pass.run({ [changed] emit in
      for (number, path) in changed.enumerated() {
        guard emit(VideoTicket(number: number, path: path)) else { return }
      }
    }) { video in
      try recorder.append(video)
      progress.advance(note: recorder.note)
    }
  }
  progress.finish()
  return try recorder.finish(skipped: skipped.notes, interruptedBy: interruption.signal)
}

/// Walks through all videos and emits those that are to be scanned.
///
/// - Parameter limit: the most that are emitted.
private func newVideos(
  _ walk: InputWalk, limit: Int?, _ history: ScanHistory, _ progress: ProgressLine, _ emit: (VideoTicket) -> Bool
) throws -> InputWalk.Skipped {
  var number = 0
  var failure: (any Error)?
  let left = walk.forEach { path in
    do {
      guard try history.wantsScan(of: path) else {
        progress.advance()
        return true
      }
    } catch {
      failure = error
      return false
    }
    guard number < limit ?? .max else { return true }
    number += 1
    return emit(VideoTicket(number: number - 1, path: path))
  }
  if let failure { throw failure }
  try history.writeKept()
  return left
}
