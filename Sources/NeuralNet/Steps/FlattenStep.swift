import Compute

/// `[N, C, H, W]` to `[N, F]`: back from the executor's layout of pictures to the tensors'.
final class FlattenStep: Step {
  let needs = StepNeeds()
  private let count: Int
  /// nil where the input is no picture.
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
