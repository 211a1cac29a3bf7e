import Dispatch
import Synchronization

/// Stages joined by bounded queues: one run from its sources to the queue that the caller empties.
///
/// ```swift
/// let run = PipelineRun()
/// let videos = run.source("walk", capacity: 64) { emit in for path in paths { guard emit(path) else { return } } }
/// let results = run.attach(to: videos, workers: 2, capacity: 8, make: { _ in try DecodeStage() }) {
///   path, failure, emit in emit(.failed(path, failure))
/// }
/// while let result = results.pop() { write(result) }
/// run.wait()
/// ```
///
/// A caller that cannot go on emptying the last queue (its disk is full) calls `cancel()` before `wait()`.
public final class PipelineRun: Sendable {
  private struct Parts {
    var meters: [StageMeter] = []
    var faults: [RunFault] = []
    var cancellers: [@Sendable () -> Void] = []
    var isStopping = false
    var isCancelled = false
  }

  private let parts = Mutex(Parts())
  private let workers = DispatchGroup()

  public init() {}

  /// Starts a producer in its own thread.
  ///
  /// - Parameters:
  ///   - name: what reports call it.
  ///   - capacity: of the queue that it fills.
  ///   - produce: emits the items; when `emit` returns false the run was stopped and `produce` should return.
  /// - Returns: the queue, which closes when `produce` has returned or thrown.
  public func source<Output>(
    _ name: String, capacity: Int, produce: @escaping @Sendable ((Output) -> Bool) throws -> Void
  ) -> BoundedQueue<Output> {
    let output: BoundedQueue<Output> = queue(capacity: capacity)
    let meter = meter(name: name, workers: 1)
    startWorker(label: name) { [self] in
      var clock = WorkerClock(meter: meter)
      do {
        try produce { item in
          clock.startWaitingForRoom()
          let isTaken = !isStopping && output.push(item)
          clock.stopWaitingForRoom(itemsOut: isTaken ? 1 : 0)
          return isTaken
        }
      } catch {
        record(RunFault(stage: name, moment: .source, error: error))
      }
      clock.endItem(itemsIn: 0, failures: 0)
      output.close()
    }
    return output
  }

  /// Starts the workers of a stage.
  ///
  /// - Parameters:
  ///   - input: shared by the workers.
  ///   - workers: how many, at least 1.
  ///   - capacity: of the queue that they fill.
  ///   - make: builds the stage of worker 0…`workers`−1 inside that worker's thread. A worker whose stage cannot be
  ///     built is a fault of the run, and the others do its part; when none can be built, the last one empties the
  ///     input and hands each item to `onFailure`, so that no producer hangs and no item vanishes.
  ///   - onFailure: takes an item that could not be processed and may emit what stands for it downstream.
  /// - Returns: the output, which closes when the last worker has ended.
  public func attach<S: Stage & ~Copyable>(
    to input: BoundedQueue<S.Input>, workers count: Int, capacity: Int,
    make: @escaping @Sendable (Int) throws -> S,
    onFailure: @escaping @Sendable (S.Input, StageFailure, (S.Output) -> Void) -> Void
  ) -> BoundedQueue<S.Output> {
    precondition(count >= 1, "stage \(S.name) needs at least one worker, not \(count)")
    let output: BoundedQueue<S.Output> = queue(capacity: capacity)
    let group = WorkerGroup<S>(
      input: input, output: output, meter: meter(name: S.name, workers: count), workers: count,
      onFailure: onFailure, onFault: { [self] in record($0) })
    for index in 0..<count {
      startWorker(label: "\(S.name).\(index)") { group.runWorker { try make(index) } }
    }
    return output
  }

  /// Ends the sources; what is already under way is processed to its end.
  public func stop() {
    parts.withLock { $0.isStopping = true }
  }

  /// Ends everything: queues drop what they hold, blocked workers return. An item in `process` is still finished.
  public func cancel() {
    let cancellers = parts.withLock {
      $0.isStopping = true
      $0.isCancelled = true
      return $0.cancellers
    }
    for cancel in cancellers { cancel() }
  }

  /// Waits until every worker has ended; the last queue must be emptied first or meanwhile.
  public func wait() {
    workers.wait()
  }

  /// The counters of every source and stage, in the order in which they were attached; may be read at any time.
  public var reports: [StageReport] { parts.withLock { $0.meters }.map(\.report) }

  /// What went wrong outside of single items; complete after `wait()`.
  public var faults: [RunFault] { parts.withLock { $0.faults } }

  private var isStopping: Bool { parts.withLock { $0.isStopping } }

  private func record(_ fault: RunFault) {
    parts.withLock { $0.faults.append(fault) }
  }

  private func queue<Element>(capacity: Int) -> BoundedQueue<Element> {
    let queue = BoundedQueue<Element>(capacity: capacity)
    let isCancelled = parts.withLock {
      $0.cancellers.append { queue.cancel() }
      return $0.isCancelled
    }
    if isCancelled { queue.cancel() }
    return queue
  }

  private func meter(name: String, workers: Int) -> StageMeter {
    let meter = StageMeter(name: name, workers: workers)
    parts.withLock { $0.meters.append(meter) }
    return meter
  }

  /// A queue of its own gives each worker a thread at once; blocks on a global queue would wait for Dispatch to
  /// notice that its threads are blocked.
  private func startWorker(label: String, _ body: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "assay.\(label)").async(group: workers, execute: DispatchWorkItem(block: body))
  }
}
