import Compute

/// Batch norm with fixed statistics where it could not be folded into a convolution.
final class FixedBatchNormStep: Step {
  let needs: StepNeeds
  private let fused: FusedNode
  private let settings: BatchNormSettings
  private let shape: Shape
  private var factor: Tensor
  private var offset: Tensor

  init(_ fused: FusedNode, _ settings: BatchNormSettings, _ context: StepContext) {
    shape = context.shape(fused.inputs[0])
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
    factor.withFloats { factor in
      offset.withFloats { offset in
        VectorKernels.scaleAndShift(
          memory.inputs[0], scale: factor.start, shift: offset.start, relu: fused.relu, into: memory.output,
          rows: shape.count / shape[1], channels: shape[1])
      }
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    if fused.relu { VectorKernels.reluGradient(dy, output: memory.output, into: dy, count: shape.count) }
    factor.withFloats { factor in
      VectorKernels.scaleAndShift(
        dy, scale: factor.start, shift: nil, relu: false, into: dx, rows: shape.count / shape[1], channels: shape[1])
    }
  }
}
