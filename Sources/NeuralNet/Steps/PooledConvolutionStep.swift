import Compute

/// A convolution with the ReLU and the maximum of windows behind it, where parameters are fixed.
final class PooledConvolutionStep: Step {
  let needs: StepNeeds
  let slowKernels: [SlowKernel]
  private let fused: FusedNode
  private let kernel: PooledConvolution
  private let gradient: PooledConvolutionGradient?

  init(_ fused: FusedNode, _ pool: PoolSettings, _ context: StepContext) throws(NeuralNetError) {
    let weight = try context.parameterShape("weight", of: fused.node)
    let geometry = try fused.node.operation.convolutionGeometry(
      of: fused.name, input: context.shape(fused.inputs[0]), weight: weight)
    let from = context.layout(fused.inputs[0])
    let to = context.layout(fused.output)
    let wantsInput = context.wantsInputGradients[0]
    let kernel = try computing { () throws(ComputeError) in
      try PooledConvolution(
        geometry, window: pool.kernel, from: from, to: to, relu: fused.relu, keepsResult: wantsInput, node: fused.name)
    }
    var scratchBytes = kernel.scratchBytes
    var slow = [kernel.slowKernel]
    gradient = try computing { () throws(ComputeError) -> PooledConvolutionGradient? in
      guard wantsInput else { return nil }
      let gradient = try PooledConvolutionGradient(
        geometry, window: pool.kernel, from: from, to: to, relu: fused.relu, node: fused.name)
      scratchBytes = max(scratchBytes, gradient.scratchBytes)
      slow.append(gradient.slowKernel)
      return gradient
    }
    slowKernels = slow.compactMap(\.self)
    needs = StepNeeds(savedBytes: kernel.savedBytes, scratchBytes: scratchBytes)
    self.kernel = kernel
    self.fused = fused
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    let filters = try FoldedFilters(fused, parameters)
    try computing { () throws(ComputeError) in
      try kernel.load(weight: filters.weight, bias: filters.bias)
      try gradient?.load(weight: filters.weight)
    }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try kernel.run(x: memory.inputs[0], y: memory.output, saved: memory.saved, scratch: memory.scratch)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    try computing { () throws(ComputeError) in
      try gradient?.run(dy: dy, dx: dx, saved: memory.saved, scratch: memory.scratch)
    }
  }
}
