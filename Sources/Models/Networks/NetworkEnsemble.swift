import Compute
public import NeuralNet

/// Several networks of one architecture with weights of their own, whose logits are averaged.
public struct NetworkEnsemble: NetworkDesign {
  public var member: any NetworkDesign
  /// How many there are, at least 1.
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
  /// One network that gives the mean of the members' outputs; names of a member start with `member1.`, `member2.`, ….
  ///
  /// - Precondition: at least one member; all take the same input and have one output of `[N, classes]` each.
  public static func ensemble(_ members: [Network]) -> Network {
    precondition(!members.isEmpty, "an ensemble needs a member")
    precondition(
      members.allSatisfy { $0.inputShape == members[0].inputShape && $0.outputs.count == 1 },
      "members of an ensemble must take \(members[0].inputShape) and have one output each")
    var ensemble = Network(inputShape: members[0].inputShape, nodes: [], outputs: ["mean"], parameters: [:])
    var rows: [String] = []
    for (index, member) in members.enumerated() {
      let prefix = "member\(index + 1)."
      ensemble.append(member, prefix: prefix)
      let output = member.outputs[0] == member.input ? ensemble.input : prefix + member.outputs[0]
      // A row for each member, so that they can stand below each other.
      ensemble.nodes.append(Node(prefix + "row", .reshape([0, 1, -1]), inputs: [output]))
      rows.append(prefix + "row")
    }
    ensemble.nodes.append(Node("rows", .concat(axis: 1), inputs: rows))
    ensemble.nodes.append(Node("mean", .reduce(.mean, axes: [1], keepsAxes: false), inputs: ["rows"]))
    return ensemble
  }

  /// Adds another network's layers; its values, layers and parameters get the prefix, its input is this one's.
  private mutating func append(_ other: Network, prefix: String) {
    for var node in other.nodes {
      node.name = prefix + node.name
      node.inputs = node.inputs.map { $0 == other.input ? input : prefix + $0 }
      node.output = prefix + node.output
      node.parameters = node.parameters.mapValues { prefix + $0 }
      nodes.append(node)
    }
    for (name, tensor) in other.parameters { parameters[prefix + name] = tensor }
  }
}
