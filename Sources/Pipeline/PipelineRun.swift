import Dispatch
import Synchronization

/// Stages connected by bounded queues: one run from its sources to the queue that the caller drains.
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
/// A caller that cannot continue draining the last queue (because its disk is full) calls `cancel()` before `wait()`.
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

  /// Starts a producer on its own thread.
  ///
  /// - Parameters:
  ///   - name: name in reports.
  ///   - capacity: capacity of its output queue.
  ///   - produce: emits the items; when `emit` returns false, the run was stopped and `produce` should return.
  /// - Returns: the output queue, which closes when `produce` has returned or thrown.
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
  ///   - input: queue shared by the workers.
  ///   - workers: number of workers, at least 1.
  ///   - capacity: capacity of their output queue.
  ///   - make: creates the stage of worker 0…`workers`−1 on that worker's thread. A worker whose stage fails to start
  ///     is a fault of the run, and the others take over its work. If none can be created, the last worker
  ///     drains the input and passes each item to `onFailure`, so that no producer hangs and no item is lost.
  ///   - onFailure: handles an item that could not be processed; may emit a replacement downstream.
  /// - Returns: the output queue, which closes when the last worker has ended.
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

  /// Ends the sources; items already in the pipeline are processed to completion.
  public func stop() {
    parts.withLock { $0.isStopping = true }
  }

  /// Ends everything: queues drop their elements, blocked workers return. An item inside `process` is still completed.
  public func cancel() {
    let cancellers = parts.withLock {
      $0.isStopping = true
      $0.isCancelled = true
      return $0.cancellers
    }
    for cancel in cancellers { cancel() }
  }

  /// Waits until every worker has ended; the last queue must be drained before or meanwhile.
  public func wait() {
    workers.wait()
  }

  /// Waits like `wait()`, but no longer than this.
  ///
  /// - Returns: whether every worker has ended.
  public func wait(atMostSeconds seconds: Double) -> Bool {
    workers.wait(timeout: .now() + seconds) == .success
  }

  /// The counters of every source and stage, in the order in which they were attached; can be read at any time.
  public var reports: [StageReport] { parts.withLock { $0.meters }.map(\.report) }

  /// Faults outside single items; complete after `wait()`.
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

  /// A separate queue gives each worker a thread immediately; blocks on a global queue would wait until Dispatch
  /// notices that its threads are blocked.
  private func startWorker(label: String, _ body: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "assay.\(label)").async(group: workers, execute: DispatchWorkItem(block: body))
  }
}
