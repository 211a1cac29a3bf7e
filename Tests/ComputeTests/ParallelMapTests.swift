import Compute
import Foundation
import Synchronization
import Testing

@Suite("Parallel map")
struct ParallelMapTests {
  private struct Failure: Error, Equatable { let index: Int }

  @Test("values come in the order of their indices", arguments: [(0, 3), (1, 4), (5, 1), (100, 3), (3, 8), (4, 0)])
  func order(count: Int, workers: Int) throws {
    let values = try parallelMap(count: count, workers: workers) { index in
      // Early items take longest, so workers finish out of order.
      if index < 3 { Thread.sleep(forTimeInterval: 0.01 * Double(3 - index)) }
      return index * index
    }
    #expect(values == (0..<count).map { $0 * $0 })
  }

  @Test("each worker makes one context and computes with it", arguments: [(0, 3, 0), (2, 5, 2), (20, 3, 3), (4, 0, 1)])
  func contexts(count: Int, workers: Int, expected: Int) throws {
    // Not Sendable, as executors are not.
    final class Counter { var uses = 0 }
    let made = Mutex<[Int]>([])
    let uses = try parallelMap(
      count: count, workers: workers,
      context: { worker in
        made.withLock { $0.append(worker) }
        return Counter()
      }
    ) { counter, _ in
      counter.uses += 1
      return counter.uses
    }
    #expect(made.withLock { $0.sorted() } == Array(0..<expected))
    #expect(uses.count == count)
    #expect(uses.count { $0 == 1 } <= expected)
  }

  @Test("a context that changes keeps its changes")
  func changingContext() throws {
    let counts = try parallelMap(count: 5, workers: 1, context: { _ in 10 }) { context, _ in
      context += 1
      return context
    }
    #expect(counts == [11, 12, 13, 14, 15])
  }

  @Test("the error of the lowest index is thrown, and no item begins after an error", arguments: [1, 2, 4])
  func firstError(workers: Int) {
    let begun = Atomic<Int>(0)
    #expect(throws: Failure(index: 3)) {
      try parallelMap(count: 1000, workers: workers) { index in
        begun.add(1, ordering: .relaxed)
        guard index >= 3 else { return }
        // Later items fail sooner.
        if index == 3 { Thread.sleep(forTimeInterval: 0.05) }
        throw Failure(index: index)
      }
    }
    #expect(begun.load(ordering: .relaxed) <= 3 + workers)
  }

  @Test("the error of a context is thrown, and its worker computes nothing")
  func contextError() {
    #expect(throws: Failure(index: -1)) {
      try parallelMap(count: 10, workers: 2, context: { _ in throw Failure(index: -1) }) { (_: inout Int, index) in
        throw Failure(index: index)
      }
    }
  }

  @Test("a cancelled map gives nil and begins no further item", arguments: [1, 3])
  func cancellation(workers: Int) throws {
    let begun = Atomic<Int>(0)
    let values = try parallelMap(
      count: 1000, workers: workers, isCancelled: { begun.load(ordering: .relaxed) >= 5 }, context: { _ in }
    ) { _, index in
      begun.add(1, ordering: .relaxed)
      return index
    }
    #expect(values == nil)
    #expect((5..<(5 + workers)).contains(begun.load(ordering: .relaxed)))
  }

  @Test("a cancellation after the last item has begun loses nothing")
  func lateCancellation() throws {
    let begun = Atomic<Int>(0)
    let values = try parallelMap(
      count: 5, workers: 1, isCancelled: { begun.load(ordering: .relaxed) == 5 }, context: { _ in }
    ) { _, index in
      begun.add(1, ordering: .relaxed)
      return index
    }
    #expect(values == [0, 1, 2, 3, 4])
  }

  @Test("an error comes before a cancellation")
  func errorAndCancellation() {
    let begun = Atomic<Int>(0)
    #expect(throws: Failure(index: 0)) {
      try parallelMap(
        count: 5, workers: 1, isCancelled: { begun.load(ordering: .relaxed) > 0 }, context: { _ in }
      ) { _, index in
        begun.add(1, ordering: .relaxed)
        throw Failure(index: index)
      }
    }
  }
}
