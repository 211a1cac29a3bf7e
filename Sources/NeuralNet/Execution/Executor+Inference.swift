public import Compute

extension Executor {
  /// The first output for the first `count` samples of the input.
  public func infer(count: Int) throws(NeuralNetError) -> Tensor {
    try inferAll(count: count)[0]
  }

  /// The first output for `x`, `[n, C, H, W]` with n at most `batch`.
  public func infer(_ x: Tensor) throws(NeuralNetError) -> Tensor {
    try setInput(x)
    return try infer(count: x.shape[0])
  }

  /// All outputs, in the network's order, for the first `count` samples of the input.
  public func inferAll(count: Int) throws(NeuralNetError) -> [Tensor] {
    try checkCount(count)
    var results = plan.outputs.map { Tensor($0.shape.withBatch(count)) }
    for start in stride(from: 0, to: count, by: chunk) {
      try runForward(from: start, Pass(seed: 0, step: 0, worker: 0))
      for (index, output) in plan.outputs.enumerated() {
        results[index].withMutableFloats {
          copyOutput(output, from: start, count: min(chunk, count - start), into: $0.start)
        }
      }
    }
    return results
  }

  /// Gradient of a function of the first output with respect to the input; parameters and statistics are fixed.
  ///
  /// - Parameters:
  ///   - x: `[n, C, H, W]` with n at most `batch`.
  ///   - outputGradient: takes the outputs of some samples and their range in `x`; returns the function's gradient with
  ///     respect to them, in their shape.
  /// - Returns: the outputs and the gradient in the shape of `x`.
  /// - Precondition: created with `.inputGradient`.
  public func inputGradient(
    _ x: Tensor, outputGradient: (_ output: Tensor, _ samples: Range<Int>) throws(NeuralNetError) -> Tensor
  ) throws(NeuralNetError) -> (output: Tensor, gradient: Tensor) {
    try setInput(x)
    let count = x.shape[0]
    let output = try computeInputGradient(count: count, outputGradient: outputGradient)
    return (output, gradientTensor(count: count))
  }

  /// `inputGradient` for the first `count` samples that `withInput` wrote.
  ///
  /// - Parameter body: takes the gradient in the input's memory order, `[N, H, W, C]` for images.
  /// - Precondition: created with `.inputGradient`.
  public func withInputGradient<R>(
    count: Int, outputGradient: (_ output: Tensor, _ samples: Range<Int>) throws(NeuralNetError) -> Tensor,
    _ body: (UnsafeBufferPointer<Float>) throws -> R
  ) throws -> (output: Tensor, result: R) {
    try checkCount(count)
    let output = try computeInputGradient(count: count, outputGradient: outputGradient)
    let gradient = UnsafeBufferPointer(start: floats(.inputGradient, 0), count: count * inputShape.count)
    return (output, try body(gradient))
  }

  /// Gradient of a function of all outputs of one sample with respect to that sample.
  ///
  /// - Parameters:
  ///   - outputGradients: takes the outputs, in the network's order; returns the function's gradient with respect to
  ///     each, in its shape.
  ///   - body: takes the gradient in the input's memory order, `[H, W, C]` for images.
  /// - Precondition: created with `.inputGradient`.
  public func withInputGradient<R>(
    outputGradients: (_ outputs: [Tensor]) throws -> [Tensor], _ body: (UnsafeBufferPointer<Float>) throws -> R
  ) throws -> R {
    precondition(use == .inputGradient, "an executor for \(use) has no input gradients")
    let pass = Pass(seed: 0, step: 0, worker: 0)
    try runForward(from: 0, pass)
    let outputs = plan.outputs.map { output in
      var result = Tensor(output.shape.withBatch(1))
      result.withMutableFloats { copyOutput(output, from: 0, count: 1, into: $0.start) }
      return result
    }
    for (output, gradient) in zip(plan.outputs, try outputGradients(outputs)) {
      guard gradient.shape == output.shape.withBatch(1) else {
        throw NeuralNetError.input("the gradient of the output \(output.shape) has the shape \(gradient.shape)")
      }
      setOutputGradient(output, gradient, from: 0)
    }
    try runBackward(from: 0, pass)
    return try body(UnsafeBufferPointer(start: floats(.inputGradient, 0), count: inputShape.count))
  }

  /// Leaves the gradient in the executor's memory; returns the outputs.
  private func computeInputGradient(
    count: Int, outputGradient: (_ output: Tensor, _ samples: Range<Int>) throws(NeuralNetError) -> Tensor
  ) throws(NeuralNetError) -> Tensor {
    precondition(use == .inputGradient, "an executor for \(use) has no input gradients")
    let output = plan.outputs[0]
    var result = Tensor(output.shape.withBatch(count))
    for start in stride(from: 0, to: count, by: chunk) {
      let rows = min(chunk, count - start)
      let pass = Pass(seed: 0, step: 0, worker: 0)
      try runForward(from: start, pass)
      result.withMutableFloats { copyOutput(output, from: start, count: rows, into: $0.start) }
      let part = result.rows(start..<(start + rows))
      let gradient = try outputGradient(part, start..<(start + rows))
      guard gradient.shape == part.shape else {
        throw .input("the gradient of the output \(part.shape) has the shape \(gradient.shape)")
      }
      for other in plan.outputs.dropFirst() { setOutputGradient(other, nil, from: start) }
      setOutputGradient(output, gradient, from: start)
      try runBackward(from: start, pass)
    }
    return result
  }

  /// The first output of the first sample, a scalar, and its gradient with respect to that sample.
  ///
  /// - Parameter body: takes the gradient in the input's memory order, `[H, W, C]` for images.
  /// - Precondition: created with `.inputGradient`; the network has one output value per sample.
  public func logitGradient<R>(
    _ body: (UnsafeBufferPointer<Float>) throws -> R
  ) throws -> (logit: Float, result: R) {
    precondition(use == .inputGradient, "an executor for \(use) has no input gradients")
    let output = plan.outputs[0]
    precondition(output.shape.sample.count == 1, "an output of \(output.shape) is no logit")
    let pass = Pass(seed: 0, step: 0, worker: 0)
    try runForward(from: 0, pass)
    let logit = floats(output.place, 0)[0]
    for other in plan.outputs.dropFirst() { setOutputGradient(other, nil, from: 0) }
    setOutputGradient(output, Tensor([1, 1], repeating: 1), from: 0)
    try runBackward(from: 0, pass)
    let gradient = UnsafeBufferPointer(start: floats(.inputGradient, 0), count: inputShape.count)
    return (logit, try body(gradient))
  }

  func checkCount(_ count: Int) throws(NeuralNetError) {
    guard (1...batch).contains(count) else {
      throw .input("the executor takes 1 to \(batch) samples at once, not \(count)")
    }
  }

  func gradientTensor(count: Int) -> Tensor { tensor(floats(.inputGradient, 0), count: count) }

  /// Samples from the executor's memory order to a tensor, `[count, C, H, W]` for images.
  func tensor(_ source: UnsafePointer<Float>, count: Int) -> Tensor {
    let shape = inputShape
    return Tensor(Shape([count] + shape.extents)) { target in
      if shape.rank == 3 {
        ChannelOrder.toChannelsFirst(
          source, into: target.start, batch: count, channels: shape[0], area: shape[1] * shape[2])
      } else {
        target.start.update(from: source, count: target.count)
      }
    }
  }
}
