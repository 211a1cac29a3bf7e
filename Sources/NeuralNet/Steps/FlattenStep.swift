import Compute

/// `[N, C, H, W]` to `[N, F]`: back from the executor's order of pictures to the tensors'.
final class FlattenStep: Step {
  let needs = StepNeeds()
  private let input: Shape

  init(input: Shape) { self.input = input }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    guard isPicture else {
      memory.output.update(from: memory.inputs[0], count: input.count)
      return
    }
    ChannelOrder.toChannelsFirst(
      memory.inputs[0], into: memory.output, batch: input[0], channels: input[1], area: input[2] * input[3])
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    guard isPicture else {
      dx.update(from: dy, count: input.count)
      return
    }
    ChannelOrder.toChannelsLast(dy, into: dx, batch: input[0], channels: input[1], area: input[2] * input[3])
  }

  private var isPicture: Bool { input.rank == 4 }
}
