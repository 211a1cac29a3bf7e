import Compute

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
