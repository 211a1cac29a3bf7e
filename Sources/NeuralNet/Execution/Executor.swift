public import Compute

/// A network compiled for one batch size and one use, with layouts chosen and memory planned in advance.
///
/// ```swift
/// let executor = try Executor(network, batch: 32, use: .inference)
/// executor.withInput { pixels in … }         // write [N, H, W, C] floats in place
/// let logits = try executor.infer(count: 20) // of the first 20 samples, [20, 1]
/// ```
///
/// Shares the network's parameter tensors or packs them; `load` replaces them. An executor belongs to one thread at a
/// time and computes on that thread alone; to use more cores, create one executor per worker.
public final class Executor {
  /// What an executor can do.
  public enum Use: Sendable {
    /// Outputs only; batch norm is folded into the convolutions.
    case inference
    /// Outputs with batch statistics and dropout, then gradients of all trained parameters.
    case training
    /// Outputs as in inference, then gradients with respect to the input only.
    case inputGradient
  }

  public let use: Use
  /// Whether gradients with respect to the input are computed.
  public let hasInputGradients: Bool
  /// Capacity in samples.
  public let batch: Int
  /// Samples that pass through all layers together: few, so that activations stay in the cache.
  public let chunk: Int
  /// Shape of one input sample.
  public let inputShape: Shape
  /// Layers whose kernels are much slower than usual on this processor.
  public let slowKernels: [SlowKernel]
  let plan: ExecutorPlan
  private let parameterShapes: [String: Shape]
  let trainableNames: Set<String>
  private let arena: AlignedStorage
  private let inputs: AlignedStorage
  private let inputGradients: AlignedStorage?

  /// - Parameters:
  ///   - batch: maximum number of samples per pass; the exact number in training.
  ///   - chunk: samples that pass through the layers together; defaults to the fastest number (in training: all).
  ///   - inputGradients: in training, computes input gradients as well as parameter gradients.
  ///   - kernels: `.compiled` for processes that must not make memory executable; inference only.
  /// - Throws: `NeuralNetError` that names the invalid layer.
  public init(
    _ network: Network, batch: Int, use: Use, chunk: Int? = nil, inputGradients: Bool = false,
    kernels: KernelSource = .generated
  ) throws(NeuralNetError) {
    precondition(kernels == .generated || use == .inference, "compiled kernels have no gradients")
    guard batch > 0 else { throw .input("a batch needs at least one sample, not \(batch)") }
    ComputeThreads.useCallingThreadOnly()
    let chunk = try Self.chunk(for: network, batch, use, asked: chunk)
    self.use = use
    hasInputGradients = use == .inputGradient || use == .training && inputGradients
    self.batch = batch
    self.chunk = chunk
    inputShape = network.inputShape
    parameterShapes = network.parameters.mapValues(\.shape)
    trainableNames = Set(network.trainableNames)
    plan = try ExecutorPlan(network, batch: chunk, use: use, inputGradients: hasInputGradients, kernels: kernels)
    slowKernels = plan.entries.flatMap(\.step.slowKernels)
    arena = AlignedStorage(uninitialisedCount: plan.arenaBytes / MemoryLayout<Float>.stride + 1)
    // Whole chunks, so that the last, partly filled one stays in bounds.
    let rows = (batch + chunk - 1) / chunk * chunk
    inputs = AlignedStorage(repeating: 0, count: rows * network.inputShape.count)
    self.inputGradients =
      hasInputGradients ? AlignedStorage(uninitialisedCount: rows * network.inputShape.count) : nil
    try load(network.parameters)
    SlowKernelWarning.write(slowKernels)
  }

  /// Small chunks keep the activations in the cache, but read the weights from memory once per chunk. Measured optima:
  /// 2 to 4 for the paper's network and ResNet-50, 8 for a network with a large linear layer.
  private static func chunk(
    for network: Network, _ batch: Int, _ use: Use, asked: Int?
  ) throws(NeuralNetError) -> Int {
    if use == .training { return batch }
    if let asked { return min(max(asked, 1), batch) }
    let shapes = try network.shapes(batch: 1)
    let activations = shapes.values.reduce(1) { $0 + $1.count }
    let weights = network.parameters.values.reduce(0) { $0 + $1.count }
    // At least two, for Winograd kernels; then the first power of two that makes the weights small beside activations.
    var wanted = 2
    while wanted * activations < 6 * weights, wanted < 64 { wanted *= 2 }
    // Equal chunks: an executor always computes whole chunks.
    let parts = (batch + wanted - 1) / wanted
    return (batch + parts - 1) / parts
  }

  /// Replaces the parameters and running statistics with others of the same shapes.
  public func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    for (name, shape) in parameterShapes {
      guard let tensor = parameters[name] else { throw .missingParameter(node: name, name: name) }
      guard tensor.shape == shape else {
        throw .shape(node: name, "the parameter has the shape \(tensor.shape) where \(shape) was compiled")
      }
    }
    ComputeThreads.useCallingThreadOnly()
    for entry in plan.entries { try entry.step.load(parameters) }
  }

  /// Releases the tensors shared with the network, so that changing them needs no copy. `load` must follow.
  public func releaseParameters() {
    for entry in plan.entries { entry.step.releaseParameters() }
  }

  /// Memory for activations, gradients and input, in bytes; excludes packed parameters.
  public var memoryBytes: Int {
    plan.arenaBytes + (inputs.floats.count + (inputGradients?.floats.count ?? 0)) * MemoryLayout<Float>.stride
  }

  /// Lends the input for writing: `batch` samples, images in `[N, H, W, C]` order.
  public func withInput<R, E: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeMutableBufferPointer(rebasing: inputs.floats[..<(batch * inputShape.count)]))
  }

  /// Copies samples into the input: `[n, C, H, W]` (or the network's input shape) with n at most `batch`.
  public func setInput(_ x: Tensor) throws(NeuralNetError) {
    guard x.shape.rank > 0, x.shape.sample == inputShape, (1...batch).contains(x.shape[0]) else {
      throw .input("the network takes up to \(batch) samples of \(inputShape), not \(x.shape)")
    }
    x.withFloats { source in
      guard inputShape.rank == 3 else {
        inputs.base.update(from: source.start, count: x.count)
        return
      }
      ChannelOrder.toChannelsLast(
        source.start, into: inputs.base, batch: x.shape[0], channels: inputShape[0], area: inputShape[1] * inputShape[2]
      )
    }
  }

  // MARK: - Passes over one chunk

  /// Runs the steps in order for the chunk that starts at `sample`; calls `after` with each step's output.
  func runForward(
    from sample: Int, _ pass: Pass, after: ((ExecutorPlan.Entry, UnsafeBufferPointer<Float>) -> Void)? = nil
  ) throws(NeuralNetError) {
    ComputeThreads.useCallingThreadOnly()
    for entry in plan.entries {
      let memory = StepMemory(
        inputs: entry.inputs.map { floats($0, sample) }, output: floats(entry.output, sample),
        saved: UnsafeMutableRawPointer(floats(entry.saved, sample)),
        scratch: UnsafeMutableRawPointer(floats(entry.forwardScratch, sample)))
      try entry.step.forward(memory, pass)
      after?(entry, UnsafeBufferPointer(start: memory.output, count: entry.outputCount))
    }
  }

  /// Runs the steps in reverse order; the output gradients must already be set.
  func runBackward(from sample: Int, _ pass: Pass) throws(NeuralNetError) {
    for entry in plan.entries.reversed() {
      guard let outputGradient = entry.outputGradient else { continue }
      let memory = StepMemory(
        inputs: entry.inputs.map { floats($0, sample) }, output: floats(entry.output, sample),
        inputGradients: entry.gradients.map { target in target.map { floats($0.detour ?? $0.place, sample) } },
        outputGradient: floats(outputGradient, sample), saved: UnsafeMutableRawPointer(floats(entry.saved, sample)),
        scratch: UnsafeMutableRawPointer(floats(entry.backwardScratch, sample)))
      try entry.step.backward(memory, pass)
      for case let target? in entry.gradients {
        guard let detour = target.detour else { continue }
        VectorKernels.add(floats(detour, sample), to: floats(target.place, sample), count: target.count)
      }
    }
  }

  /// Address of a buffer for the chunk that starts at `sample`.
  func floats(_ place: ExecutorPlan.Place, _ sample: Int) -> UnsafeMutablePointer<Float> {
    switch place {
    case .arena(let offset):
      arena.base + offset / MemoryLayout<Float>.stride
    case .input:
      inputs.base + sample * inputShape.count
    case .inputGradient:
      // The plan uses this buffer only for input gradients, so the memory exists.
      inputGradients.unsafelyUnwrapped.base + sample * inputShape.count
    }
  }

  /// Copies an output's samples of the last chunk into rows of `target`, in tensor order.
  func copyOutput(
    _ output: ExecutorPlan.Output, from sample: Int, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let shape = output.shape
    let source = floats(output.place, sample)
    let destination = target + sample * shape.sample.count
    if shape.rank == 4 {
      ChannelOrder.toChannelsFirst(
        source, into: destination, batch: count, channels: shape[1], area: shape[2] * shape[3])
    } else {
      destination.update(from: source, count: count * shape.sample.count)
    }
  }

  /// Sets the gradient of an output for the chunk that starts at `sample`; row 0 of `gradient` belongs to that sample.
  func setOutputGradient(_ output: ExecutorPlan.Output, _ gradient: Tensor?, from sample: Int) {
    guard let place = output.gradient else { return }
    let shape = output.shape
    let target = floats(place, sample)
    target.update(repeating: 0, count: shape.count)
    gradient?.withFloats { source in
      if shape.rank == 4 {
        ChannelOrder.toChannelsLast(
          source.start, into: target, batch: source.count / max(shape.sample.count, 1), channels: shape[1],
          area: shape[2] * shape[3])
      } else {
        target.update(from: source.start, count: source.count)
      }
    }
  }
}
