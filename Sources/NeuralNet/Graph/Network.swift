public import Compute

/// A network as a value type: nodes in topological order, and the tensors that they name.
///
/// Values have names: `input` is the first, each node adds one, `outputs` are the results.
public struct Network: Sendable {
  /// Name of the input value.
  public var input: String
  /// Shape of one input sample, `[C, H, W]` for images.
  public var inputShape: Shape
  public var nodes: [Node]
  public var outputs: [String]
  /// All tensors, trainable parameters and running statistics, by name.
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

  /// Shapes of all values for a batch size, by name.
  ///
  /// - Throws: `NeuralNetError` that names the node: values used before they are computed, duplicate names, missing
  ///   parameters, incompatible shapes.
  public func shapes(batch: Int) throws(NeuralNetError) -> [String: Shape] {
    var shapes = [input: Shape([batch] + inputShape.extents)]
    var names = Set<String>()
    for node in nodes {
      guard names.insert(node.name).inserted else {
        throw .invalidNetwork(node: node.name, "duplicate layer name")
      }
      var inputs: [Shape] = []
      for value in node.inputs {
        guard let shape = shapes[value] else {
          throw .invalidNetwork(node: node.name, "its input '\(value)' is not the output of an earlier layer")
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
        throw .invalidNetwork(node: first, "the output '\(output)' is not the output of any layer")
      }
      guard shape.extents.first == batch else {
        throw .shape(node: output, "the output \(shape) does not start with the batch size \(batch)")
      }
    }
    return shapes
  }

  /// Names of the trainable tensors, sorted.
  public var trainableNames: [String] {
    var names = Set<String>()
    for node in nodes {
      for (role, name) in node.parameters where node.trains(role) { names.insert(name) }
    }
    return names.sorted()
  }

  /// Number of trainable values.
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
  /// Multiply-accumulates per sample in convolutions and linear layers; FLOPs are twice that.
  public func multiplications() throws(NeuralNetError) -> Int {
    let shapes = try shapes(batch: 1)
    return nodes.reduce(0) { sum, node in
      guard let output = shapes[node.output] else { return sum }
      if node.operation == .matMul, let first = shapes[node.inputs[0]] {
        return sum + output.count * first[first.rank - 1]
      }
      guard let weight = node.parameters["weight"].flatMap({ parameters[$0] }) else { return sum }
      // In a transposed convolution each input element meets all filters; elsewhere each output element meets one.
      guard case .transposedConvolution = node.operation, let input = shapes[node.inputs[0]] else {
        return sum + output.count * weight.shape.sample.count
      }
      return sum + input.count * weight.shape.sample.count
    }
  }
}

/// Splits a network in two at one of its values: the layers before the value and those after it.
extension Network {
  /// The layers that compute a value from the input; the value becomes the only output.
  ///
  /// - Precondition: the value is the output of a layer.
  public func part(making value: String) -> Network {
    precondition(nodes.contains { $0.output == value }, "no layer makes '\(value)'")
    return part(input: input, inputShape: inputShape, nodes: makers(of: value, from: input), output: value)
  }

  /// The layers between a value and the first output; one sample of the value is the new input.
  ///
  /// - Throws: `NeuralNetError` when the network is invalid.
  /// - Precondition: `allPathsLead(through: value)`.
  public func part(after value: String) throws(NeuralNetError) -> Network {
    precondition(allPathsLead(through: value), "the output does not depend on '\(value)' alone")
    guard let shape = try shapes(batch: 1)[value] else { throw .invalidNetwork(node: value, "no layer makes it") }
    return part(input: value, inputShape: shape.sample, nodes: makers(of: outputs[0], from: value), output: outputs[0])
  }

  /// Whether the first output depends on the input only through this value.
  public func allPathsLead(through value: String) -> Bool {
    guard value != outputs[0] else { return true }
    let between = makers(of: outputs[0], from: value)
    let read = Set(between.flatMap { nodes[$0].inputs })
    return read.contains(value) && !read.contains(input)
  }

  /// Indices of the layers that `value` depends on, going back no further than `start`.
  private func makers(of value: String, from start: String) -> [Int] {
    var wanted: Set<String> = [value]
    var found: [Int] = []
    // Layers are in topological order: a layer's inputs are computed before it.
    for index in nodes.indices.reversed() where wanted.contains(nodes[index].output) && nodes[index].output != start {
      wanted.formUnion(nodes[index].inputs)
      found.append(index)
    }
    return found.reversed()
  }

  private func part(input: String, inputShape: Shape, nodes indices: [Int], output: String) -> Network {
    let nodes = indices.map { self.nodes[$0] }
    let names = Set(nodes.flatMap(\.parameters.values))
    return Network(
      input: input, inputShape: inputShape, nodes: nodes, outputs: [output],
      parameters: parameters.filter { names.contains($0.key) })
  }
}
