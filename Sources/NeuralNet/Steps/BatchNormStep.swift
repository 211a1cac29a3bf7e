import Compute

/// Batch norm with batch statistics, and its fused ReLU; updates the running statistics.
final class BatchNormStep: Step {
  let needs: StepNeeds
  var slowKernels: [SlowKernel] { [kernel.slowKernel].compactMap(\.self) }
  private let node: Node
  private let shape: Shape
  private let kernel: BatchNormalisation
  private var tensors: BatchNormTensors

  init(_ fused: FusedNode, _ settings: BatchNormSettings, _ context: StepContext) throws(NeuralNetError) {
    let shape = context.shape(fused.inputs[0])
    let layout = context.layout(fused.output)
    kernel = try computing { () throws(ComputeError) in
      try BatchNormalisation(shape, layout: layout, epsilon: settings.epsilon, relu: fused.relu, node: fused.name)
    }
    needs = StepNeeds(
      savedBytes: kernel.savedBytes, scratchBytes: kernel.scratchBytes, backwardReadsInput: true)
    node = fused.node
    self.shape = shape
    tensors = BatchNormTensors(node, settings, shape)
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    kernel.load(scale: try node.tensor("scale", in: parameters), shift: try node.tensor("shift", in: parameters))
    try tensors.load(parameters)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try kernel.forward(x: memory.inputs[0], y: memory.output, saved: memory.saved, scratch: memory.scratch)
    }
    let batch = kernel.batchStatistics
    tensors.moveStatistics(
      mean: UnsafeBufferPointer(start: batch.mean, count: shape[1]),
      variance: UnsafeBufferPointer(start: batch.variance, count: shape[1]))
  }

  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    guard let dy = memory.outputGradient else { return }
    // oneDNN always writes dx; if it is not needed, it goes into dy's memory.
    let dx = memory.inputGradients[0] ?? dy
    try computing { () throws(ComputeError) in
      try tensors.writeGradients { dScale, dShift throws(ComputeError) in
        try kernel.backward(
          x: memory.inputs[0], dy: dy, dx: dx, dScale: dScale, dShift: dShift, saved: memory.saved,
          scratch: memory.scratch)
      }
    }
  }

  var gradients: [String: Tensor] { tensors.gradients }
  var statistics: [String: Tensor] { tensors.statistics }
}

/// Batch norm with fixed statistics that could not be folded into a convolution.
final class FixedBatchNormStep: Step {
  let needs: StepNeeds
  private let fused: FusedNode
  private let settings: BatchNormSettings
  private let count: Int
  private let planes: ChannelMatrices
  private var factor: Tensor
  private var offset: Tensor

  init(_ fused: FusedNode, _ settings: BatchNormSettings, _ context: StepContext) {
    let shape = context.shape(fused.inputs[0])
    count = shape.count
    planes = context.layout(fused.output).matrices(shape)
    self.fused = fused
    self.settings = settings
    needs = StepNeeds(backwardReadsOutput: fused.relu)
    factor = Tensor([shape[1]])
    offset = Tensor([shape[1]])
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    let affine = try ChannelAffine(fused.node, settings, parameters)
    factor = Tensor(factor.shape, affine.factor)
    offset = Tensor(offset.shape, affine.offset)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    apply(memory.inputs[0], shifts: true, relu: fused.relu, into: memory.output)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    if fused.relu { VectorKernels.reluGradient(dy, output: memory.output, into: dy, count: count) }
    apply(dy, shifts: false, relu: false, into: dx)
  }

  private func apply(
    _ x: UnsafePointer<Float>, shifts: Bool, relu: Bool, into y: UnsafeMutablePointer<Float>
  ) {
    factor.withFloats { factor in
      offset.withFloats { offset in
        for index in 0..<planes.count {
          let channel = planes.firstChannel(index)
          VectorKernels.scaleAndShift(
            x + planes.start(index), scale: factor.start + channel, shift: shifts ? offset.start + channel : nil,
            relu: relu, into: y + planes.start(index), rows: planes.rows, channels: planes.columns)
        }
      }
    }
  }
}

/// Batch norm with the statistics of the batch, ReLU and a maximum of windows side by side, in one kernel.
final class BatchNormMaxPoolStep: Step {
  let needs: StepNeeds
  private let node: Node
  private var kernel: BatchNormMaxPool
  private var tensors: BatchNormTensors

  init(_ fused: FusedNode, _ settings: BatchNormSettings, _ pool: PoolSettings, _ context: StepContext) {
    let shape = context.shape(fused.inputs[0])
    kernel = BatchNormMaxPool(
      shape, window: pool.kernel, epsilon: settings.epsilon, from: context.layout(fused.inputs[0]),
      to: context.layout(fused.output))
    needs = StepNeeds(savedBytes: kernel.savedCount * MemoryLayout<Float>.stride, backwardReadsInput: true)
    node = fused.node
    tensors = BatchNormTensors(node, settings, shape)
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    kernel.load(scale: try node.tensor("scale", in: parameters), shift: try node.tensor("shift", in: parameters))
    try tensors.load(parameters)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    kernel.forward(
      x: memory.inputs[0], y: memory.output, saved: memory.saved.assumingMemoryBound(to: Float.self))
    tensors.moveStatistics(mean: kernel.mean, variance: kernel.variance)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient else { return }
    tensors.writeGradients { dScale, dShift in
      kernel.backward(
        x: memory.inputs[0], dy: dy, dx: memory.inputGradients[0], dScale: dScale, dShift: dShift,
        saved: memory.saved.assumingMemoryBound(to: Float.self))
    }
  }

  var gradients: [String: Tensor] { tensors.gradients }
  var statistics: [String: Tensor] { tensors.statistics }
}

/// Gradients and running statistics of a batch norm layer in training.
struct BatchNormTensors {
  private var scaleGradient: Tensor
  private var shiftGradient: Tensor
  private let node: Node
  private let momentum: Float
  /// Bessel's correction: the running variance is unbiased, as in other frameworks.
  private let unbias: Float
  private var mean: Tensor
  private var variance: Tensor

  /// - Parameter shape: shape of the input, `[N, C, H, W]`.
  init(_ node: Node, _ settings: BatchNormSettings, _ shape: Shape) {
    self.node = node
    momentum = settings.momentum
    let count = Float(shape.count / shape[1])
    unbias = count > 1 ? count / (count - 1) : 1
    scaleGradient = Tensor([shape[1]])
    shiftGradient = Tensor([shape[1]])
    mean = Tensor([shape[1]])
    variance = Tensor([shape[1]])
  }

  mutating func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    mean = try node.tensor("mean", in: parameters)
    variance = try node.tensor("variance", in: parameters)
  }

  /// Updates the running statistics from a batch; `batchVariance` is biased.
  mutating func moveStatistics(mean batchMean: some Collection<Float>, variance batchVariance: some Collection<Float>) {
    for (c, (batchMean, batchVariance)) in zip(batchMean, batchVariance).enumerated() {
      mean[c] += momentum * (batchMean - mean[c])
      variance[c] += momentum * (batchVariance * unbias - variance[c])
    }
  }

  /// Lets `body` write the gradients of scale and shift, `[C]` each.
  mutating func writeGradients<E: Error>(
    _ body: (_ scale: UnsafeMutablePointer<Float>, _ shift: UnsafeMutablePointer<Float>) throws(E) -> Void
  ) throws(E) {
    var scale = Tensor(scaleGradient.shape)
    var shift = Tensor(shiftGradient.shape)
    try scale.withMutableFloats { scale throws(E) in
      try shift.withMutableFloats { shift throws(E) in try body(scale.start, shift.start) }
    }
    scaleGradient = scale
    shiftGradient = shift
  }

  /// By their names in the network.
  var gradients: [String: Tensor] { named(["scale": scaleGradient, "shift": shiftGradient]) }
  var statistics: [String: Tensor] { named(["mean": mean, "variance": variance]) }

  private func named(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var all: [String: Tensor] = [:]
    for (role, tensor) in tensors {
      if let name = node.parameters[role] { all[name] = tensor }
    }
    return all
  }
}
