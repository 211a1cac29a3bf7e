package import Decoder
import Dispatch
package import Pipeline
import Runs
import Scoring
import Synchronization
import Verdicts

/// One pass of videos through the stages; files that changed while being read are processed again at the end.
package struct ScanPass {
  package let plan: ScanPlan
  package let settings: ScanSettings
  package let options: ScanOptions
  /// Whether there are canaries among the videos.
  var hasCanaries = false
  let stop: ScanStop
  /// Called when the time budget is used up before the last video.
  var onBudgetEnd: @Sendable () -> Void = {}

  /// Called with what takes longer than usual, such as `re-encoding a.mp4`, and with an empty text when it is done.
  package var onActivity: @Sendable (String) -> Void = { _ in }

  /// What a pass leaves besides the videos.
  package struct Outcome: Sendable {
    /// Stage reports, without the repeated files.
    package var stages: [StageReport]
    /// Number of videos and of canaries that were emitted, and neither finished nor failed.
    package var putBack = 0
    package var canariesPutBack = 0
    /// Number of videos and of canaries that were emitted.
    var videosSent = 0
    var canariesSent = 0
  }

  /// - Parameter deadline: time on the monotonic clock when the time budget is used up; nil for none.
  package init(
    plan: ScanPlan, settings: ScanSettings, options: ScanOptions, hasCanaries: Bool = false, deadline: Double? = nil
  ) {
    self.plan = plan
    self.settings = settings
    self.options = options
    self.hasCanaries = hasCanaries
    stop = ScanStop(deadline: deadline)
  }

  /// - Parameters:
  ///   - walk: emits the videos until `emit` returns false.
  ///   - take: receives each video once, in order of completion.
  /// - Throws: the first error, from any stage, that ends the run.
  package func run(
    _ walk: @escaping @Sendable (_ emit: (VideoTicket) -> Bool) throws -> Void,
    take: (ScoredVideo) throws -> Void
  ) throws -> Outcome {
    var changed: [(path: [UInt8], root: [UInt8]?)] = []
    var outcome = try once(walk) { video in
      if video.file.failure?.reason == .changed, video.file.canary == nil {
        changed.append((video.file.path, video.file.root))
      } else {
        try take(video)
      }
    }
    guard !changed.isEmpty else { return outcome }
    guard !stop.isStopping() else {
      outcome.putBack += changed.count
      return outcome
    }
    let again: @Sendable ((VideoTicket) -> Bool) -> Void = { [changed] emit in
      for (number, file) in changed.enumerated() {
        guard emit(VideoTicket(number: number, path: file.path, root: file.root)) else { return }
      }
    }
    let repeated = try once(again, take: take)
    outcome.putBack += repeated.putBack
    return outcome
  }

  private func once(
    _ walk: @escaping @Sendable (_ emit: (VideoTicket) -> Bool) throws -> Void,
    take: (ScoredVideo) throws -> Void
  ) throws -> Outcome {
    let run = PipelineRun()
    let state = PassState()
    scheduleEnd(of: run, state)
    // With a time budget, a short queue ensures that emitted videos start before the deadline.
    let queued = options.budgetSeconds == nil ? 64 : 1
    let videos: BoundedQueue<VideoTicket> = run.source("walk", capacity: queued) { [stop] emit in
      defer { state.endWalk() }
      try walk { ticket in
        guard !stop.isStopping(forCanary: ticket.canary != nil), emit(ticket) else { return false }
        state.countEmitted(isCanary: ticket.canary != nil)
        return true
      }
    }
    let stopOnFault: @Sendable (any Error) -> Void = { [faults = plan.faults] error in
      faults.record(error)
      run.cancel()
    }
    let scored = stages(of: run, after: videos, stopOnFault)
    var taken = (videos: 0, canaries: 0)
    var tracks = TrackGathering()
    while let track = scored.pop() {
      guard let video = tracks.add(track) else { continue }
      if video.file.canary == nil { taken.videos += 1 } else { taken.canaries += 1 }
      do { try take(video) } catch {
        stopOnFault(error)
        break
      }
    }
    state.end()
    // A worker that is still busy after the grace period, say with an attack, is left alone: nobody takes its result.
    while !run.wait(atMostSeconds: 0.5) {
      let isSignalled = stop.isPastGrace(forCanary: true)
      if isSignalled || (stop.isPastGrace(forCanary: hasCanaries) && state.hasWalkEnded) {
        _ = run.wait(atMostSeconds: 1)
        break
      }
    }
    if let fault = plan.faults.first ?? run.faults.first { throw fault }
    let sent = state.emitted
    return Outcome(
      stages: run.reports, putBack: sent.videos - taken.videos, canariesPutBack: sent.canaries - taken.canaries,
      videosSent: sent.videos, canariesSent: sent.canaries)
  }

  /// Ends a pass at a signal or at the end of the time budget: the sources at once, everything after the grace period.
  private func scheduleEnd(of run: PipelineRun, _ state: PassState) {
    let queue = DispatchQueue.global()
    Interruption.shared.onRequest {
      run.stop()
      queue.asyncAfter(deadline: .now() + ScanStop.graceSeconds) { run.cancel() }
    }
    guard let deadline = stop.deadline else { return }
    let left = max(0, deadline - monotonicSeconds())
    queue.asyncAfter(deadline: .now() + left) { [onBudgetEnd] in
      if state.isRunning { onBudgetEnd() }
    }
    // Canaries go on; videos in a decoder are given up by it.
    guard !hasCanaries else { return }
    queue.asyncAfter(deadline: .now() + left + ScanStop.graceSeconds) { run.cancel() }
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

  func decodeStage() -> DecodeStage {
    DecodeStage(DecoderClient(plan, settings: settings, options: options), stop: stop)
  }

  func scoreStage() throws -> ScoreStage {
    ScoreStage(try plan.scorer(batch: options.batch))
  }

  /// Adds the stages between decoding and scoring, in order: those that the settings ask for.
  func addCropStages<Taker: CropStageTaker>(to taker: inout Taker) throws(Taker.Failure) {
    let (plan, settings, options, onActivity) = (plan, settings, options, onActivity)
    if plan.attack != nil || plan.margin != nil || hasCanaries {
      try taker.add { try PerturbStage(plan, workers: options.workers, onActivity: onActivity) }
    }
    if let distance = settings.recompressDistance {
      try taker.add {
        try RecompressStage(
          plan, settings, distance: distance, followSymlinks: options.followSymlinks, onActivity: onActivity)
      }
    }
    if let flag = plan.flag {
      try taker.add { FlagStage(flag, try DisagreementMeter(plan.attackModel), side: plan.request.cropSize) }
    }
    if let opinion = plan.opinion {
      try taker.add { try SecondOpinionStage(opinion, side: plan.request.cropSize, batch: options.batch) }
    }
  }
}

/// What the threads of a pass share.
private final class PassState: Sendable {
  private struct State {
    var emitted = (videos: 0, canaries: 0)
    var isRunning = true
    var hasWalkEnded = false
  }
  private let state = Mutex(State())

  var emitted: (videos: Int, canaries: Int) { state.withLock { $0.emitted } }
  var isRunning: Bool { state.withLock { $0.isRunning } }
  var hasWalkEnded: Bool { state.withLock { $0.hasWalkEnded } }

  func countEmitted(isCanary: Bool) {
    state.withLock { if isCanary { $0.emitted.canaries += 1 } else { $0.emitted.videos += 1 } }
  }

  func endWalk() { state.withLock { $0.hasWalkEnded = true } }

  func end() { state.withLock { $0.isRunning = false } }
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
