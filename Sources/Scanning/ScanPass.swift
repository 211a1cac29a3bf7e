package import Decoder
package import Pipeline
import Runs
import Scoring
import Verdicts

/// One pass of videos through the stages; files that changed while being read are processed again at the end.
package struct ScanPass {
  package let plan: ScanPlan
  package let settings: ScanSettings
  package let options: ScanOptions
  /// Whether there are canaries among the videos.
  var hasCanaries = false

  package init(
    plan: ScanPlan, settings: ScanSettings, options: ScanOptions, hasCanaries: Bool = false
  ) {
    self.plan = plan
    self.settings = settings
    self.options = options
    self.hasCanaries = hasCanaries
  }

  /// - Parameters:
  ///   - walk: emits the videos until `emit` returns false.
  ///   - take: receives each video once, in order of completion.
  /// - Returns: stage reports, without the repeated files.
  /// - Throws: the first error, from any stage, that ends the run.
  package func run(
    _ walk: @escaping @Sendable (_ emit: (VideoTicket) -> Bool) throws -> Void,
    take: (ScoredVideo) throws -> Void
  ) throws -> [StageReport] {
    var changed: [[UInt8]] = []
    let reports = try once(walk) { video in
      if video.file.failure?.reason == .changed, video.file.canary == nil {
        changed.append(video.file.path)
      } else {
        try take(video)
      }
    }
    guard !changed.isEmpty, !Interruption.shared.isRequested else { return reports }
    let again: @Sendable ((VideoTicket) -> Bool) -> Void = { [changed] emit in
      for (number, path) in changed.enumerated() {
        guard emit(VideoTicket(number: number, path: path)) else { return }
      }
    }
    _ = try once(again, take: take)
    return reports
  }

  private func once(
    _ walk: @escaping @Sendable (_ emit: (VideoTicket) -> Bool) throws -> Void,
    take: (ScoredVideo) throws -> Void
  ) throws -> [StageReport] {
    let run = PipelineRun()
    // With a time budget, a short queue ensures that emitted videos start before the deadline.
    let queued = options.budgetSeconds == nil ? 64 : 1
    Interruption.shared.onRequest { run.stop() }
    let videos: BoundedQueue<VideoTicket> = run.source("walk", capacity: queued, produce: walk)
    let stopOnFault: @Sendable (any Error) -> Void = { [faults = plan.faults] error in
      faults.record(error)
      run.cancel()
    }
    let scored = stages(of: run, after: videos, stopOnFault)
    var tracks = TrackGathering()
    while let track = scored.pop() {
      guard let video = tracks.add(track) else { continue }
      do { try take(video) } catch {
        stopOnFault(error)
        break
      }
    }
    run.wait()
    if let fault = plan.faults.first ?? run.faults.first { throw fault }
    return run.reports
  }

  private func stages(
    of run: PipelineRun, after videos: BoundedQueue<VideoTicket>,
    _ stopOnFault: @escaping @Sendable (any Error) -> Void
  ) -> BoundedQueue<ScoredVideo> {
    let pass = self
    let decoded = run.attach(
      to: videos, workers: options.workers, capacity: cropCapacity,
      make: { _ in pass.decodeStage() },
      onFailure: { _, failure, _ in stopOnFault(failure.underlying) })
    var attachment = CropStageAttachment(
      run: run, items: decoded, capacity: cropCapacity, stopOnFault: stopOnFault)
    addCropStages(to: &attachment)
    return run.attach(
      to: attachment.items, workers: 1, capacity: 64,
      make: { _ in try pass.scoreStage() },
      onFailure: { _, failure, _ in stopOnFault(failure.underlying) })
  }

  /// Of the queues that crops wait in.
  private var cropCapacity: Int { max(64, 2 * options.batch) }

  func decodeStage() -> DecodeStage { DecodeStage(DecoderClient(plan, settings: settings, options: options)) }

  func scoreStage() throws -> ScoreStage {
    ScoreStage(try plan.scorer(batch: options.batch))
  }

  /// Adds the stages between decoding and scoring, in order: those that the settings ask for.
  func addCropStages<Taker: CropStageTaker>(to taker: inout Taker) throws(Taker.Failure) {
    let (plan, settings, options) = (plan, settings, options)
    if plan.attack != nil || plan.margin != nil || hasCanaries {
      try taker.add { try PerturbStage(plan, workers: options.workers) }
    }
    if let distance = settings.recompressDistance {
      try taker.add { try RecompressStage(plan, settings, distance: distance, followSymlinks: options.followSymlinks) }
    }
    if let flag = plan.flag {
      try taker.add { FlagStage(flag, try DisagreementMeter(plan.attackModel), side: plan.request.cropSize) }
    }
    if let opinion = plan.opinion {
      try taker.add { try SecondOpinionStage(opinion, side: plan.request.cropSize, batch: options.batch) }
    }
  }
}

/// Takes the stages between decoding and scoring in their order.
protocol CropStageTaker {
  associatedtype Failure: Error

  mutating func add<S: Stage & ~Copyable>(_ make: @escaping @Sendable () throws -> S) throws(Failure)
  where S.Input == ScanItem, S.Output == ScanItem
}

/// Attaches each stage to the one before it in a pipeline.
private struct CropStageAttachment: CropStageTaker {
  let run: PipelineRun
  /// Output of the last stage so far.
  private(set) var items: BoundedQueue<ScanItem>
  let capacity: Int
  let stopOnFault: @Sendable (any Error) -> Void

  init(
    run: PipelineRun, items: BoundedQueue<ScanItem>, capacity: Int, stopOnFault: @escaping @Sendable (any Error) -> Void
  ) {
    self.run = run
    self.items = items
    self.capacity = capacity
    self.stopOnFault = stopOnFault
  }

  mutating func add<S: Stage & ~Copyable>(_ make: @escaping @Sendable () throws -> S) throws(Never)
  where S.Input == ScanItem, S.Output == ScanItem {
    items = run.attach(
      to: items, workers: 1, capacity: capacity, make: { _ in try make() },
      onFailure: { [stopOnFault] _, failure, _ in stopOnFault(failure.underlying) })
  }
}

extension DecoderClient {
  /// The decoder of a scan.
  package init(_ plan: ScanPlan, settings: ScanSettings, options: ScanOptions) {
    self.init(
      request: plan.request, detector: settings.faceDetector, timeoutSeconds: settings.timeoutSeconds,
      memoryMiB: settings.decoderMemoryMiB, filesPerProcess: options.filesPerWorker,
      followSymlinks: options.followSymlinks)
  }
}
