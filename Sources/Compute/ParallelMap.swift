import Dispatch
import Synchronization

/// Computes `body(context, index)` for `0..<count` on several threads.
///
/// - Workers take indices in ascending order, each the next one when it is free, so items of unequal cost are balanced.
///   A value must not depend on which worker computes it.
/// - Each worker makes its context (an executor, an oracle) on its own thread and keeps it for all of its indices;
///   contexts therefore need not be `Sendable`.
/// - The C libraries are limited to the calling thread, as `ComputeThreads.useCallingThreadOnly()` has it.
/// - `count` limits the number of workers: with no items, no context is made.
///
/// - Parameters:
///   - workers: threads at most; values below 1 count as 1.
///   - isCancelled: asked before each item, on any thread. Items that have begun are finished.
///   - context: gets the worker's number, from 0.
/// - Returns: the values in the order of their indices; nil when cancellation left an item out.
/// - Throws: the error of the lowest index, which is the one that a loop over `0..<count` would throw: after an error no
///   further item begins, but those that have begun are finished. An error of `context` comes before all others, and an
///   error before a cancellation.
public func parallelMap<Context, Value: Sendable>(
  count: Int, workers: Int, isCancelled: @Sendable () -> Bool, context: @Sendable (_ worker: Int) throws -> Context,
  _ body: @Sendable (_ context: inout Context, _ index: Int) throws -> Value
) throws -> [Value]? {
  let next = Atomic<Int>(0)
  let failure = Mutex<(index: Int, error: any Error)?>(nil)
  let values = Mutex([Value?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: min(max(workers, 1), count)) { worker in
    ComputeThreads.useCallingThreadOnly()
    var index = -1
    do {
      var own = try context(worker)
      while !isCancelled(), failure.withLock({ $0 == nil }) {
        index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let value = try body(&own, index)
        values.withLock { $0[index] = value }
      }
    } catch {
      failure.withLock { first in
        if first.map({ index < $0.index }) ?? true { first = (index, error) }
      }
    }
  }
  if let first = failure.withLock({ $0 }) { throw first.error }
  let computed = values.withLock { $0 }.compactMap { $0 }
  return computed.count == count ? computed : nil
}

/// `parallelMap` that runs to completion.
public func parallelMap<Context, Value: Sendable>(
  count: Int, workers: Int, context: @Sendable (_ worker: Int) throws -> Context,
  _ body: @Sendable (_ context: inout Context, _ index: Int) throws -> Value
) throws -> [Value] {
  // Nil only after a cancellation.
  try parallelMap(count: count, workers: workers, isCancelled: { false }, context: context, body) ?? []
}

/// `parallelMap` that runs to completion, without contexts.
public func parallelMap<Value: Sendable>(
  count: Int, workers: Int, _ body: @Sendable (_ index: Int) throws -> Value
) throws -> [Value] {
  try parallelMap(count: count, workers: workers, context: { _ in }) { _, index in try body(index) }
}
