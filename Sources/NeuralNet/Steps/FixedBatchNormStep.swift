import Compute

/// Batch norm with fixed statistics where it could not be folded into a convolution.
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
