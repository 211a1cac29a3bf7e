import Compute

/// Max or average pooling.
final class PoolStep: Step {
  let needs: StepNeeds
  private let kernel: Pooling

  init(_ fused: FusedNode, _ kind: Pooling.Kind, _ context: StepContext) throws(NeuralNetError) {
    let geometry = try fused.node.operation.poolGeometry(of: fused.name, input: context.shape(fused.inputs[0]))
    let layout = context.layout(fused.output)
    let training = context.wantsInputGradients[0]
    kernel = try computing { () throws(ComputeError) in
      try Pooling(geometry, kind, layout: layout, training: training, node: fused.name)
    }
    needs = StepNeeds(savedBytes: kernel.savedBytes, scratchBytes: kernel.scratchBytes)
  }

  var slowKernels: [SlowKernel] { [kernel.slowKernel].compactMap(\.self) }

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

/// Max pooling over adjacent windows.
final class WindowMaximumStep: Step {
  let needs: StepNeeds
  private let kernel: WindowMaximum

  init(_ fused: FusedNode, _ pool: PoolSettings, _ context: StepContext) {
    kernel = WindowMaximum(
      context.shape(fused.inputs[0]), window: pool.kernel, from: context.layout(fused.inputs[0]),
      to: context.layout(fused.output))
    needs = StepNeeds(backwardReadsInput: true)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    kernel.forward(x: memory.inputs[0], y: memory.output)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    kernel.backward(x: memory.inputs[0], dy: dy, dx: dx, rectified: false)
  }
}

/// Global average pooling: the mean of each channel's plane.
final class GlobalAverageStep: Step {
  let needs = StepNeeds()
  private let planes: ChannelMatrices

  init(input: Shape, layout: PictureLayout) { planes = layout.matrices(input) }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    VectorKernels.rowMeans(
      memory.inputs[0], into: memory.output, batch: planes.count, rows: planes.rows, columns: planes.columns)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    VectorKernels.spreadMeans(dy, into: dx, batch: planes.count, rows: planes.rows, columns: planes.columns)
  }
}
