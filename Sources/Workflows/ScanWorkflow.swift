import Foundation
import Media
import Models
import Pipeline
import Verdicts

/// Scores videos and writes the manifests: the main job.
///
/// - Returns: what was found; a video that could not be decoded is a row, not an error.
/// - Throws: `WorkflowError` when the run itself cannot go on: no model, no decoder process, no room for the output.
public func scanVideos(settings: ScanSettings, options: ScanOptions) throws -> ScanSummary {
  let model = try loadModel(at: options.modelPath)
  let lock = try OutputLock(folder: options.output)
  defer { withExtendedLifetime(lock) {} }
  let plan = try ScanPlan(settings: settings, model: model)
  var recorder = try ScanRecorder(plan: plan, options: options)

  let interruption = Interruption.shared
  interruption.install()
  let run = PipelineRun()
  interruption.onRequest { run.stop() }
  let walk = InputWalk(inputs: options.inputs, followSymlinks: options.followSymlinks)
  let progress = ProgressLine(unit: "videos", quiet: options.quiet)
  countVideos(walk, limit: options.limit, for: progress)

  let skipped = SkippedInputs()
  let videos: BoundedQueue<VideoTicket> = run.source("walk", capacity: 64) { emit in
    var number = 0
    let left = walk.forEach { path in
      guard number < options.limit ?? .max, emit(VideoTicket(number: number, path: path)) else { return false }
      number += 1
      return true
    }
    skipped.set(left)
  }
  let stopOnFault: @Sendable (any Error) -> Void = { [faults = plan.faults] error in
    faults.record(error)
    run.cancel()
  }
  let items = run.attach(
    to: videos, workers: options.workers, capacity: max(64, 2 * options.batch),
    make: { _ in
      DecodeStage(
        DecoderClient(
          request: plan.request, detectorModel: settings.detectorModel, timeoutSeconds: settings.timeoutSeconds,
          memoryMiB: settings.decoderMemoryMiB,
          filesPerProcess: options.filesPerWorker, followSymlinks: options.followSymlinks))
    },
    onFailure: { _, failure, _ in stopOnFault(failure.underlying) })
  var attacked = items
  if plan.attack != nil || plan.margin != nil {
    attacked = run.attach(
      to: items, workers: 1, capacity: max(64, 2 * options.batch),
      make: { _ in try PerturbStage(plan, workers: options.workers) },
      onFailure: { _, failure, _ in stopOnFault(failure.underlying) })
  }
  let scored = run.attach(
    to: attacked, workers: 1, capacity: 64,
    make: { _ in ScoreStage(try BatchScorer(model.detector, batch: options.batch)) },
    onFailure: { _, failure, _ in stopOnFault(failure.underlying) })

  while let video = scored.pop() {
    do { try recorder.append(video) } catch {
      stopOnFault(error)
      break
    }
    progress.advance(note: recorder.note)
  }
  run.wait()
  progress.finish()
  if let fault = plan.faults.first ?? run.faults.first { throw fault }
  return try recorder.finish(skipped: skipped.notes, interruptedBy: interruption.signal)
}
