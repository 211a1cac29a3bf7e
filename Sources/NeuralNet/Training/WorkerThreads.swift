import Compute
import Dispatch

/// Threads of the workers that share a training step.
enum WorkerThreads {
  /// Runs `body` for every worker on a thread of its own.
  ///
  /// - Returns: the results in the workers' order.
  /// - Throws: the first worker's error, in that order.
  static func run<R>(_ workers: Int, _ body: (Int) throws -> R) throws -> [R] {
    var results: [Result<R, any Error>?] = Array(repeating: nil, count: workers)
    results.withUnsafeMutableBufferPointer { slots in
      // Each iteration writes its own slot, and uses only what belongs to its worker.
      nonisolated(unsafe) let slots = slots
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: slots.count) { worker in
        slots[worker] = Result { try body(worker) }
      }
    }
    return try results.compactMap { try $0?.get() }
  }

  /// Where each worker's samples of a batch begin, and behind them where the last one's end.
  ///
  /// - Throws: `NeuralNetError.input` when there are fewer samples than workers.
  static func bounds(batch: Int, workers: Int) throws(NeuralNetError) -> [Int] {
    guard workers > 0, batch >= workers else {
      throw .input("a batch of \(batch) cannot be shared by \(workers) workers")
    }
    return (0...workers).map { batch * $0 / workers }
  }
}

extension [Executor] {
  /// Gradients of all workers' last `backward`, summed.
  var summedGradients: [String: Tensor] {
    var gradients = first?.parameterGradients ?? [:]
    for executor in dropFirst() { gradients.add(executor.parameterGradients) }
    return gradients
  }

  /// Running statistics after all workers' last `forward`: their mean.
  var meanStatistics: [String: Tensor] {
    var sums = first?.runningStatistics ?? [:]
    for executor in dropFirst() { sums.add(executor.runningStatistics) }
    for name in sums.keys { sums[name]?.scale(by: 1 / Float(count)) }
    return sums
  }
}

extension [String: Tensor] {
  /// Adds tensors to those of the same names.
  mutating func add(_ others: [String: Tensor]) {
    for (name, tensor) in others { self[name]?.add(tensor) }
  }
}
