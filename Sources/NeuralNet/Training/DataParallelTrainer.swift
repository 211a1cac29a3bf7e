public import Compute

/// Trains a network with several workers, each with its part of every batch on its own thread.
///
/// ```swift
/// let trainer = try DataParallelTrainer(network, batch: 32, workers: 2, seed: 1)
/// for step in 0..<schedule.totalSteps {
///   let result = try trainer.step(labels: labels, learningRate: schedule.rate(step: step)) { samples, pixels in
///     // On the worker's thread: write the batch's samples `samples`, [count, H, W, C], to `pixels`.
///   }
/// }
/// let trained = trainer.network
/// ```
///
/// Each step sums the workers' gradients, takes one optimiser step and sends the new parameters to all workers. Batch
/// norm uses each worker's part separately; running statistics are the workers' mean. The same seed, data and number of
/// workers give the same result regardless of timing.
public final class DataParallelTrainer {
  /// Result of one step.
  public struct StepResult: Sendable {
    /// Weighted mean over the batch.
    public let loss: Float
    /// Outputs in the batch's order, before the update.
    public let logits: [Float]
    /// Norm of the gradient before clipping.
    public let gradientNorm: Float
  }

  public let batch: Int
  public var loss: any TrainingLoss
  /// Gradients are clipped to this norm; nil disables clipping.
  public var gradientNormLimit: Float?
  /// The optimiser with its state.
  public var optimiser: any Optimiser
  /// The network with the current parameters.
  public private(set) var network: Network
  /// Completed steps, including the optimiser's before training was resumed.
  public var stepsDone: Int { optimiser.state.step }
  private let seed: UInt64
  private let executors: [Executor]
  private let firstSamples: [Int]

  /// - Parameters:
  ///   - batch: samples per step, at least the number of workers.
  ///   - inputGradients: whether a step can provide the loss gradient with respect to its input.
  ///   - seed: seed of dropout.
  public init(
    _ network: Network, batch: Int, workers: Int, optimiser: any Optimiser = Adam(),
    loss: any TrainingLoss = BinaryCrossEntropy(),
    gradientNormLimit: Float? = nil, inputGradients: Bool = false, seed: UInt64
  ) throws(NeuralNetError) {
    let bounds = try WorkerThreads.bounds(batch: batch, workers: workers)
    var executors: [Executor] = []
    for worker in 0..<workers {
      executors.append(
        try Executor(
          network, batch: bounds[worker + 1] - bounds[worker], use: .training, inputGradients: inputGradients))
    }
    self.network = network
    self.batch = batch
    self.optimiser = optimiser
    self.loss = loss
    self.gradientNormLimit = gradientNormLimit
    self.seed = seed
    self.executors = executors
    firstSamples = bounds
  }

  /// Planned memory of a step in bytes. Per worker: input, activations and their gradients, filters in the layouts of
  /// the forward and backward kernels, and filter gradients in kernel layout and as tensors. Once: the parameters, the
  /// optimiser's state, and the summed gradients.
  public var memoryBytes: Int {
    let parameters = network.parameters.values.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
    let copies = 4 * executors.count + 2 + type(of: optimiser).tensorsPerParameter
    return executors.reduce(0) { $0 + $1.memoryBytes } + copies * parameters
  }

  /// One step: forward, loss, backward, gradient clipping, optimiser update.
  ///
  /// - Parameters:
  ///   - labels: `batch` numbers in 0…1, 1 = fake.
  ///   - weights: sample weights; nil means 1.
  ///   - fill: called on each worker's thread with the range of samples to write, `[count, H, W, C]` floats.
  ///   - inputGradient: called afterwards on the same thread, with the range of samples and the loss gradient with
  ///     respect to the samples written, at the parameters before the update.
  /// - Throws: `notFinite` with the step and, if known, the layer; errors from `fill` and `inputGradient`.
  public func step(
    labels: [Float], weights: [Float]? = nil, learningRate: Float,
    fill: @Sendable (_ samples: Range<Int>, _ input: UnsafeMutableBufferPointer<Float>) throws -> Void,
    inputGradient: (@Sendable (_ samples: Range<Int>, _ gradient: UnsafeBufferPointer<Float>) throws -> Void)? = nil
  ) throws -> StepResult {
    guard labels.count == batch, weights.map({ $0.count == batch }) ?? true else {
      throw NeuralNetError.input("a step takes \(batch) labels and weights, not \(labels.count)")
    }
    let totalWeight = weights?.reduce(0, +) ?? Float(batch)
    let parts = try WorkerThreads.run(executors.count) { worker in
      let executor = executors[worker]
      let samples = firstSamples[worker]..<(firstSamples[worker] + executor.batch)
      try executor.withInput { try fill(samples, $0) }
      let part = try executor.forwardBackward(seed: seed, step: stepsDone, worker: worker) {
        output throws(NeuralNetError) in
        try loss.value(
          output, labels: Array(labels[samples]), weights: weights.map { Array($0[samples]) }, totalWeight: totalWeight)
      }
      if let inputGradient { try executor.withTrainingInputGradient { try inputGradient(samples, $0) } }
      return part
    }
    let value = parts.reduce(0) { $0 + $1.loss.value }
    guard value.isFinite else { throw try notFinite("loss") }
    let norm = try update(learningRate)
    return StepResult(loss: value, logits: parts.flatMap(\.output.values), gradientNorm: norm)
  }

  /// One step with a loss of one's own over all of the network's outputs.
  ///
  /// - Parameters:
  ///   - fill: as in the other `step`.
  ///   - loss: called on each worker's thread with its samples and its outputs; returns the workers' additive share of
  ///     the loss, and its gradient with respect to each output.
  /// - Returns: the loss, and the norm of the gradient before clipping.
  /// - Throws: `notFinite` with the step and, if known, the layer; errors from `fill` and `loss`.
  public func step(
    learningRate: Float,
    fill: @Sendable (_ samples: Range<Int>, _ input: UnsafeMutableBufferPointer<Float>) throws -> Void,
    loss: @Sendable (_ samples: Range<Int>, _ outputs: [Tensor]) throws -> (value: Float, gradients: [Tensor])
  ) throws -> (loss: Float, gradientNorm: Float) {
    let parts = try WorkerThreads.run(executors.count) { worker in
      let executor = executors[worker]
      let samples = firstSamples[worker]..<(firstSamples[worker] + executor.batch)
      try executor.withInput { try fill(samples, $0) }
      let outputs = try executor.forwardAll(seed: seed, step: stepsDone, worker: worker)
      let part = try loss(samples, outputs)
      try executor.backward(part.gradients)
      return part.value
    }
    let value = parts.reduce(0, +)
    guard value.isFinite else { throw try notFinite("loss") }
    return (value, try update(learningRate))
  }

  private func update(_ learningRate: Float) throws -> Float {
    var gradients = executors.summedGradients
    let norm = gradientNormLimit.map { GradientNorm.clip(&gradients, to: $0) } ?? GradientNorm.of(gradients)
    guard norm.isFinite else { throw try notFinite("gradient") }
    for executor in executors { executor.releaseParameters() }
    optimiser.update(&network.parameters, gradients, learningRate: learningRate)
    network.parameters.merge(executors.meanStatistics) { _, new in new }
    _ = try WorkerThreads.run(executors.count) { try executors[$0].load(network.parameters) }
    return norm
  }

  private func notFinite(_ what: String) throws -> NeuralNetError {
    for (worker, executor) in executors.enumerated() {
      if let node = try executor.firstNodeNotFinite(seed: seed, step: stepsDone, worker: worker) {
        return .notFinite(what: what, step: stepsDone, node: node)
      }
    }
    return .notFinite(what: what, step: stepsDone, node: nil)
  }
}
