import Compute

/// `[N, C, H, W]` to `[N, F]`: converts from the executor's image layout to tensor order.
final class FlattenStep: Step {
  let needs = StepNeeds()
  private let count: Int
  /// nil if the input is not an image.
  private let planes: ChannelMatrices?

  init(input: Shape, layout: PictureLayout) {
    count = input.count
    planes = input.rank == 4 ? layout.matrices(input) : nil
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    guard let planes else {
      memory.output.update(from: memory.inputs[0], count: count)
      return
    }
    ChannelOrder.toChannelsFirst(
      memory.inputs[0], into: memory.output, batch: planes.count, channels: planes.columns, area: planes.rows)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    guard let planes else {
      dx.update(from: dy, count: count)
      return
    }
    ChannelOrder.toChannelsLast(dy, into: dx, batch: planes.count, channels: planes.columns, area: planes.rows)
  }
}

/// Converts images to another layout.
final class LayoutStep: Step {
  let needs: StepNeeds
  private let there: PictureReordering
  private let back: PictureReordering?

  init(_ fused: FusedNode, _ context: StepContext) throws(NeuralNetError) {
    let shape = context.shape(fused.output)
    let from = context.layout(fused.inputs[0])
    let to = context.layout(fused.output)
    let wantsGradient = context.wantsInputGradients[0]
    let there = try computing { () throws(ComputeError) in
      try PictureReordering(shape, from: from, to: to, node: fused.name)
    }
    var scratchBytes = there.scratchBytes
    back = try computing { () throws(ComputeError) -> PictureReordering? in
      guard wantsGradient else { return nil }
      let kernel = try PictureReordering(shape, from: to, to: from, node: fused.name)
      scratchBytes = max(scratchBytes, kernel.scratchBytes)
      return kernel
    }
    self.there = there
    needs = StepNeeds(scratchBytes: scratchBytes)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try there.run(x: memory.inputs[0], y: memory.output, scratch: memory.scratch)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    try computing { () throws(ComputeError) in try back?.run(x: dy, y: dx, scratch: memory.scratch) }
  }
}
