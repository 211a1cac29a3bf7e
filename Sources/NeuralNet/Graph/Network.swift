public import Compute

/// A network as a value: nodes in the order of computation and the tensors that they name.
///
/// Values are named: `input` is the first, each node makes one more, `outputs` are the results.
public struct Network: Sendable {
  /// Name of the input value.
  public var input: String
  /// Shape of one input sample, `[C, H, W]` for pictures.
  public var inputShape: Shape
  public var nodes: [Node]
  public var outputs: [String]
  /// All tensors, trained ones and running statistics, by name.
  public var parameters: [String: Tensor]

  public init(
    input: String = "input", inputShape: Shape, nodes: [Node], outputs: [String], parameters: [String: Tensor]
  ) {
    self.input = input
    self.inputShape = inputShape
    self.nodes = nodes
    self.outputs = outputs
    self.parameters = parameters
  }

  /// Shapes of all values for a batch, by name.
  ///
  /// - Throws: `NeuralNetError` that names the node: values used before they are made, names given twice, parameters
  ///   absent, shapes that do not fit.
  public func shapes(batch: Int) throws(NeuralNetError) -> [String: Shape] {
    var shapes = [input: Shape([batch] + inputShape.extents)]
    var names = Set<String>()
    for node in nodes {
      guard names.insert(node.name).inserted else {
        throw .invalidNetwork(node: node.name, "two layers have this name")
      }
      var inputs: [Shape] = []
      for value in node.inputs {
        guard let shape = shapes[value] else {
          throw .invalidNetwork(node: node.name, "its input '\(value)' is not made by an earlier layer")
        }
        inputs.append(shape)
      }
      let shape = try node.operation.outputShape(of: node.name, inputs: inputs, parameters: parameterShapes(of: node))
      guard shapes.updateValue(shape, forKey: node.output) == nil else {
        throw .invalidNetwork(node: node.name, "its output '\(node.output)' exists already")
      }
    }
    guard let first = outputs.first else { throw .invalidNetwork(node: input, "the network has no output") }
    for output in outputs {
      guard let shape = shapes[output] else {
        throw .invalidNetwork(node: first, "the output '\(output)' is not made by any layer")
      }
      guard shape.extents.first == batch else {
        throw .shape(node: output, "the output \(shape) does not begin with the batch of \(batch)")
      }
    }
    return shapes
  }

  /// Names of the tensors that an optimiser changes, sorted.
  public var trainableNames: [String] {
    var names = Set<String>()
    for node in nodes {
      for (role, name) in node.parameters where node.trains(role) { names.insert(name) }
    }
    return names.sorted()
  }

  /// Number of trained values.
  public var parameterCount: Int {
    trainableNames.reduce(0) { $0 + (parameters[$1]?.count ?? 0) }
  }

  private func parameterShapes(of node: Node) throws(NeuralNetError) -> [String: Shape] {
    let roles = node.operation.roles
    var shapes: [String: Shape] = [:]
    for role in roles.required where node.parameters[role] == nil {
      throw .missingParameter(node: node.name, name: role)
    }
    for (role, name) in node.parameters.sorted(by: { $0.key < $1.key }) {
      guard roles.required.contains(role) || roles.optional.contains(role) else {
        throw .invalidNetwork(node: node.name, "\(node.operation.name) has no parameter '\(role)'")
      }
      guard let tensor = parameters[name] else { throw .missingParameter(node: node.name, name: name) }
      shapes[role] = tensor.shape
    }
    return shapes
  }
}

extension Network {
  /// Multiplications that one sample takes in convolutions and linear layers; a FLOP count is twice that.
  public func multiplications() throws(NeuralNetError) -> Int {
    let shapes = try shapes(batch: 1)
    return nodes.reduce(0) { sum, node in
      guard let output = shapes[node.output] else { return sum }
      if node.operation == .matMul, let first = shapes[node.inputs[0]] {
        return sum + output.count * first[first.rank - 1]
      }
      guard let weight = node.parameters["weight"].flatMap({ parameters[$0] }) else { return sum }
      // Each element of a transposed convolution's input meets all filters, each of the others' output one filter.
      guard case .transposedConvolution = node.operation, let input = shapes[node.inputs[0]] else {
        return sum + output.count * weight.shape.sample.count
      }
      return sum + input.count * weight.shape.sample.count
    }
  }
}

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
