import Compute

/// A network cut in two at one of its values: what makes the value, and what is made of it.
extension Network {
  /// The layers that make a value from the input, which becomes the only output.
  ///
  /// - Precondition: a layer makes the value.
  public func part(making value: String) -> Network {
    precondition(nodes.contains { $0.output == value }, "no layer makes '\(value)'")
    return part(input: input, inputShape: inputShape, nodes: makers(of: value, from: input), output: value)
  }

  /// The layers between a value and the first output; one sample of the value is the new input.
  ///
  /// - Throws: `NeuralNetError` when the network makes no sense.
  /// - Precondition: `allPathsLead(through: value)`.
  public func part(after value: String) throws(NeuralNetError) -> Network {
    precondition(allPathsLead(through: value), "the output does not depend on '\(value)' alone")
    guard let shape = try shapes(batch: 1)[value] else { throw .invalidNetwork(node: value, "no layer makes it") }
    return part(input: value, inputShape: shape.sample, nodes: makers(of: outputs[0], from: value), output: outputs[0])
  }

  /// Whether the first output sees the input through this value alone.
  public func allPathsLead(through value: String) -> Bool {
    guard value != outputs[0] else { return true }
    let between = makers(of: outputs[0], from: value)
    let read = Set(between.flatMap { nodes[$0].inputs })
    return read.contains(value) && !read.contains(input)
  }

  /// Places of the layers that make `value`, going back no farther than `start`.
  private func makers(of value: String, from start: String) -> [Int] {
    var wanted: Set<String> = [value]
    var found: [Int] = []
    // Layers are in the order of computation: what a layer reads is made before it.
    for index in nodes.indices.reversed() where wanted.contains(nodes[index].output) && nodes[index].output != start {
      wanted.formUnion(nodes[index].inputs)
      found.append(index)
    }
    return found.reversed()
  }

  private func part(input: String, inputShape: Shape, nodes places: [Int], output: String) -> Network {
    let nodes = places.map { self.nodes[$0] }
    let names = Set(nodes.flatMap(\.parameters.values))
    return Network(
      input: input, inputShape: inputShape, nodes: nodes, outputs: [output],
      parameters: parameters.filter { names.contains($0.key) })
  }
}
