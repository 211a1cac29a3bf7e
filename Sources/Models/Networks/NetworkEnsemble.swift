import Compute
public import NeuralNet

/// Several networks of one architecture with independent weights, whose logits are averaged.
public struct NetworkEnsemble: NetworkDesign {
  public var member: any NetworkDesign
  /// Number of members, at least 1.
  public var count: Int

  public init(_ member: any NetworkDesign, count: Int) {
    self.member = member
    self.count = count
  }

  public var inputSize: Int {
    get { member.inputSize }
    set { member.inputSize = newValue }
  }

  public var classes: Int {
    get { member.classes }
    set { member.classes = newValue }
  }

  public func network(seed: UInt64) -> Network {
    .ensemble((0..<count).map { member.network(seed: seed &+ UInt64($0)) })
  }
}

extension Network {
  /// One network that averages the members' outputs; the members' names are prefixed `member1.`, `member2.`, ….
  ///
  /// - Precondition: at least one member; all have the same input and one output of `[N, classes]` each.
  public static func ensemble(_ members: [Network]) -> Network {
    precondition(!members.isEmpty, "an ensemble needs a member")
    precondition(
      members.allSatisfy { $0.inputShape == members[0].inputShape && $0.outputs.count == 1 },
      "members of an ensemble must take \(members[0].inputShape) and have one output each")
    var ensemble = Network(inputShape: members[0].inputShape, nodes: [], outputs: ["mean"], parameters: [:])
    var rows: [String] = []
    for (index, member) in members.enumerated() {
      let prefix = "member\(index + 1)."
      ensemble.append(member, prefix: prefix, reading: ensemble.input)
      let output = member.outputs[0] == member.input ? ensemble.input : prefix + member.outputs[0]
      // One row per member, so that the rows can be concatenated.
      ensemble.nodes.append(Node(prefix + "row", .reshape([0, 1, -1]), inputs: [output]))
      rows.append(prefix + "row")
    }
    ensemble.nodes.append(Node("rows", .concat(axis: 1), inputs: rows))
    ensemble.nodes.append(Node("mean", .reduce(.mean, axes: [1], keepsAxes: false), inputs: ["rows"]))
    return ensemble
  }

  /// The values that the output averages, if `ensemble` made the network; otherwise the output itself.
  public var averagedOutputs: [String] {
    func maker(_ value: String) -> Node? { nodes.first { $0.output == value } }
    guard let mean = maker(outputs[0]), case .reduce(.mean, axes: [1], keepsAxes: _) = mean.operation,
      let rows = maker(mean.inputs[0]), case .concat(axis: 1) = rows.operation
    else { return [outputs[0]] }
    return rows.inputs
  }

  /// The same network for images of another size, which it first resizes (bilinear) to its own.
  ///
  /// - Precondition: its input is an image, `[C, H, W]`.
  public func taking(size: Int) -> Network {
    precondition(inputShape.rank == 3, "\(inputShape) is no picture")
    guard inputShape[1] != size || inputShape[2] != size else { return self }
    let own = Pair(height: inputShape[1], width: inputShape[2])
    let resize = Node("size", .resize(ResizeSettings(.size(own), method: .bilinear)), inputs: ["input"])
    let inner = outputs[0] == input ? resize.output : "sized." + outputs[0]
    var network = Network(
      input: "input", inputShape: [inputShape[0], size, size], nodes: [resize], outputs: [inner], parameters: [:])
    network.append(self, prefix: "sized.", reading: resize.output)
    return network
  }

  /// The same network with `scale · logit + offset` as its output.
  public func calibrated(scale: Float, offset: Float) -> Network {
    var network = self
    let values = [("calibration.scale", BinaryFunction.multiply, scale), ("calibration.offset", .add, offset)]
    for (name, function, value) in values {
      network.parameters[name] = Tensor([1, 1], [value])
      network.nodes.append(Node(name, .constant, inputs: [], parameters: ["value": name]))
      network.nodes.append(Node("\(name)ed", .binary(function), inputs: [network.outputs[0], name]))
      network.outputs = ["\(name)ed"]
    }
    return network
  }

  /// Appends another network's layers; its values, layers and parameters get the prefix, its input is `value`.
  private mutating func append(_ other: Network, prefix: String, reading value: String) {
    for var node in other.nodes {
      node.name = prefix + node.name
      node.inputs = node.inputs.map { $0 == other.input ? value : prefix + $0 }
      node.output = prefix + node.output
      node.parameters = node.parameters.mapValues { prefix + $0 }
      nodes.append(node)
    }
    for (name, tensor) in other.parameters { parameters[prefix + name] = tensor }
  }
}
