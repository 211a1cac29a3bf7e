import Compute

/// A constant tensor of the network.
final class ConstantStep: Step {
  let needs = StepNeeds()
  private let node: Node
  private let shape: Shape
  private var value: Tensor

  init(_ node: Node, _ context: StepContext) {
    self.node = node
    shape = context.shape(node.output)
    value = Tensor(shape)
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    value = try node.tensor("value", in: parameters)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    value.withFloats { values in
      guard shape.rank == 4 else {
        memory.output.update(from: values.start, count: shape.count)
        return
      }
      ChannelOrder.toChannelsLast(
        values.start, into: memory.output, batch: shape[0], channels: shape[1], area: shape[2] * shape[3])
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {}
}
