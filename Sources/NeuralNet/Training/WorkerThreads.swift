import Compute

/// Threads of the workers of a training step.
enum WorkerThreads {
  /// `parallelMap` with one thread and one item per worker.
  static func run<R: Sendable>(_ workers: Int, _ body: (Int) throws -> R) throws -> [R] {
    // Each call uses only what belongs to its worker.
    nonisolated(unsafe) let body = body
    return try parallelMap(count: workers, workers: workers) { worker in try body(worker) }
  }

  /// Start index of each worker's samples in a batch, followed by the end of the last.
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
  /// Sum of the gradients from all workers' last `backward`.
  var summedGradients: [String: Tensor] {
    var gradients = first?.parameterGradients ?? [:]
    for executor in dropFirst() { gradients.add(executor.parameterGradients) }
    return gradients
  }

  /// Mean of the running statistics after all workers' last `forward`.
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
