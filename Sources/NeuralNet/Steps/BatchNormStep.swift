import Compute

/// Batch norm with the statistics of the batch, and the ReLU behind it; keeps the running statistics up to date.
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
    // oneDNN always writes dx; where nobody asked for it, dy's memory takes it.
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
