import Compute

/// Maximum or average of windows.
final class PoolStep: Step {
  let needs: StepNeeds
  private let kernel: Pooling

  init(_ fused: FusedNode, _ kind: Pooling.Kind, _ context: StepContext) throws(NeuralNetError) {
    let geometry = try fused.node.operation.poolGeometry(of: fused.name, input: context.shape(fused.inputs[0]))
    let training = context.wantsInputGradients[0]
    kernel = try computing { () throws(ComputeError) in
      try Pooling(geometry, kind, training: training, node: fused.name)
    }
    needs = StepNeeds(savedBytes: kernel.savedBytes, scratchBytes: kernel.scratchBytes)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try kernel.forward(x: memory.inputs[0], y: memory.output, saved: memory.saved, scratch: memory.scratch)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    try computing { () throws(ComputeError) in
      try kernel.backward(dy: dy, dx: dx, saved: memory.saved, scratch: memory.scratch)
    }
  }
}

/// Mean of each channel's plane.
final class GlobalAverageStep: Step {
  let needs = StepNeeds()
  private let input: Shape

  init(input: Shape) { self.input = input }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let area = input[2] * input[3]
    VectorKernels.rowMeans(memory.inputs[0], into: memory.output, batch: input[0], rows: area, columns: input[1])
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    let area = input[2] * input[3]
    VectorKernels.spreadMeans(dy, into: dx, batch: input[0], rows: area, columns: input[1])
  }
}
