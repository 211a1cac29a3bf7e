public import Compute

/// A training pass consists of `forward`, then `backward` with the loss gradient, then reading `parameterGradients`.
extension Executor {
  /// Runs the network on the input with batch statistics and dropout; updates the running statistics.
  ///
  /// - Parameters:
  ///   - seed: seed of the run; with `step` and `worker` it determines the dropout masks.
  ///   - step: index of the training step.
  ///   - worker: index of this executor among those that share the step.
  /// - Returns: the first output, `batch` rows.
  /// - Precondition: created with `.training`.
  public func forward(seed: UInt64, step: Int, worker: Int = 0) throws(NeuralNetError) -> Tensor {
    try forwardAll(seed: seed, step: step, worker: worker)[0]
  }

  /// `forward` for networks with several outputs: all of them, in the network's order.
  public func forwardAll(seed: UInt64, step: Int, worker: Int = 0) throws(NeuralNetError) -> [Tensor] {
    precondition(use == .training, "an executor for \(use) cannot train")
    try runForward(from: 0, Pass(seed: seed, step: step, worker: worker))
    return plan.outputs.map { output in
      var result = Tensor(output.shape)
      result.withMutableFloats { copyOutput(output, from: 0, count: batch, into: $0.start) }
      return result
    }
  }

  /// Computes the gradients of all trained parameters, after `forward`.
  ///
  /// - Parameter outputGradient: the loss gradient with respect to the first output, in its shape.
  public func backward(_ outputGradient: Tensor) throws(NeuralNetError) {
    try backward([outputGradient])
  }

  /// `backward` for networks with several outputs.
  ///
  /// - Parameter outputGradients: the loss gradient with respect to each output, in the network's order and in the
  ///   output's shape; outputs without one do not count in the loss.
  public func backward(_ outputGradients: [Tensor]) throws(NeuralNetError) {
    precondition(use == .training, "an executor for \(use) cannot train")
    for (output, gradient) in zip(plan.outputs, outputGradients) where gradient.shape != output.shape {
      throw .input("the gradient of the output \(output.shape) has the shape \(gradient.shape)")
    }
    for (index, output) in plan.outputs.enumerated() {
      setOutputGradient(output, index < outputGradients.count ? outputGradients[index] : nil, from: 0)
    }
    try runBackward(from: 0, Pass(seed: 0, step: 0, worker: 0))
  }

  /// `forward`, the loss and `backward` combined.
  ///
  /// - Parameter loss: takes the first output; returns the loss and its gradient with respect to that output.
  public func forwardBackward(
    seed: UInt64, step: Int, worker: Int = 0, loss: (_ output: Tensor) throws(NeuralNetError) -> LossValue
  ) throws(NeuralNetError) -> (loss: LossValue, output: Tensor) {
    let output = try forward(seed: seed, step: step, worker: worker)
    let value = try loss(output)
    try backward(value.gradient)
    return (value, output)
  }

  /// Lends the loss gradient with respect to the input of the last `backward`, `[N, H, W, C]` for images.
  ///
  /// - Precondition: created for training with input gradients.
  public func withTrainingInputGradient<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    precondition(use == .training && hasInputGradients, "an executor for \(use) keeps no input gradients of training")
    return try body(UnsafeBufferPointer(start: floats(.inputGradient, 0), count: batch * inputShape.count))
  }

  /// The loss gradient with respect to the input of the last `backward`, `[batch, C, H, W]` for images.
  ///
  /// - Precondition: created for training with input gradients.
  public var inputGradientOfTraining: Tensor {
    precondition(use == .training && hasInputGradients, "an executor for \(use) keeps no input gradients of training")
    return gradientTensor(count: batch)
  }

  /// The input as a tensor, `[batch, C, H, W]` for images.
  var input: Tensor { tensor(floats(.input, 0), count: batch) }

  /// Gradients of the trained parameters by name, from the last `backward`; summed if a parameter is used twice.
  public var parameterGradients: [String: Tensor] {
    var all: [String: Tensor] = [:]
    for entry in plan.entries {
      all.merge(entry.step.gradients.filter { trainableNames.contains($0.key) }) { first, second in
        var sum = first
        sum.add(second)
        return sum
      }
    }
    return all
  }

  /// Running means and variances by name, after the last `forward`.
  public var runningStatistics: [String: Tensor] {
    plan.entries.reduce(into: [:]) { all, entry in
      all.merge(entry.step.statistics) { _, last in last }
    }
  }

  /// The first layer whose output is not finite for the current input.
  ///
  /// Runs `forward` again, so pass the same seed, step and worker.
  public func firstNodeNotFinite(seed: UInt64, step: Int, worker: Int = 0) throws(NeuralNetError) -> String? {
    var name: String?
    try runForward(from: 0, Pass(seed: seed, step: step, worker: worker)) { entry, output in
      if name == nil, !VectorKernels.allFinite(output) { name = entry.name }
    }
    return name
  }
}
