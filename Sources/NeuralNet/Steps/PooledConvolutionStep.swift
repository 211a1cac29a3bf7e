import Compute

/// A convolution with the ReLU and the maximum of windows behind it, where nobody asks for gradients.
final class PooledConvolutionStep: Step {
  let needs: StepNeeds
  private let fused: FusedNode
  private let kernel: PooledConvolution

  init(_ fused: FusedNode, _ pool: PoolSettings, _ context: StepContext) throws(NeuralNetError) {
    let weight = try context.parameterShape("weight", of: fused.node)
    let geometry = try fused.node.operation.convolutionGeometry(
      of: fused.name, input: context.shape(fused.inputs[0]), weight: weight)
    kernel = try computing { () throws(ComputeError) in
      try PooledConvolution(
        geometry, window: pool.kernel, from: context.layout(fused.inputs[0]), to: context.layout(fused.output),
        relu: fused.relu, node: fused.name)
    }
    needs = StepNeeds(scratchBytes: kernel.scratchBytes)
    self.fused = fused
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    let filters = try FoldedFilters(fused, parameters)
    try computing { () throws(ComputeError) in try kernel.load(weight: filters.weight, bias: filters.bias) }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try kernel.run(x: memory.inputs[0], y: memory.output, scratch: memory.scratch)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    preconditionFailure("'\(fused.name)' is compiled for inference alone")
  }
}
