import Compute

/// A node with the nodes fused into it, computed in the same pass over memory.
struct FusedNode {
  var node: Node
  /// A batch normalisation with fixed statistics, folded into the node's filters.
  var foldedNorm: Node?
  /// Activation applied to the result.
  var activation: ActivationFunction?
  /// Max pooling applied after the activation.
  var maxPool: PoolSettings?
  /// Output value of the last fused node.
  var output: String

  var name: String { node.name }
  var inputs: [String] { node.inputs }
  /// Whether the activation is ReLU.
  var relu: Bool { activation == .relu }
}

/// Decides which nodes are fused, and removes unneeded ones.
struct Fusion {
  private let network: Network
  private let shapes: [String: Shape]
  private let use: Executor.Use
  private let kernels: KernelSource
  private var fixedStatistics: Bool { use != .training }
  private let readers: [String: Int]

  /// - Parameters:
  ///   - shapes: shapes of all values, from `network.shapes`.
  ///   - use: except in training, batch norm uses its running statistics and dropout is the identity.
  static func fused(
    _ network: Network, _ shapes: [String: Shape], for use: Executor.Use, _ kernels: KernelSource
  ) -> (nodes: [FusedNode], outputs: [String]) {
    Fusion(network, shapes, use, kernels).run()
  }

  private init(_ network: Network, _ shapes: [String: Shape], _ use: Executor.Use, _ kernels: KernelSource) {
    self.network = network
    self.shapes = shapes
    self.use = use
    self.kernels = kernels
    var readers: [String: Int] = [:]
    for value in network.nodes.flatMap(\.inputs) + network.outputs { readers[value, default: 0] += 1 }
    self.readers = readers
  }

  private func run() -> (nodes: [FusedNode], outputs: [String]) {
    var fused: [FusedNode] = []
    var alias: [String: String] = [:]
    func source(_ value: String) -> String { alias[value] ?? value }
    for var node in network.nodes {
      node.inputs = node.inputs.map(source)
      if passesThrough(node.operation) {
        alias[node.output] = node.inputs[0]
      } else if let last = fused.indices.last, fused[last].output == node.inputs.first, isOnlyReader(node),
        let joined = join(fused[last], node)
      {
        fused[last] = joined
      } else {
        fused.append(FusedNode(node: node, output: node.output))
      }
    }
    let outputs = network.outputs.map(source)
    return (Self.reachable(fused, from: outputs), outputs)
  }

  private func passesThrough(_ operation: Operator) -> Bool {
    switch operation {
    case .identity: true
    case .dropout(let rate): fixedStatistics || rate == 0
    default: false
    }
  }

  /// Readers are counted before renaming, so a value with a removed reader counts as shared: safe, if slower.
  private func isOnlyReader(_ node: Node) -> Bool {
    readers[node.inputs[0]] == 1
  }

  private func join(_ first: FusedNode, _ next: Node) -> FusedNode? {
    guard first.maxPool == nil else { return nil }
    var joined = first
    joined.output = next.output
    switch (first.node.operation, next.operation) {
    case (.convolution, .batchNorm) where fixedStatistics && first.foldedNorm == nil && first.activation == nil:
      joined.foldedNorm = next
    case (.convolution, .activation(.relu)) where first.activation == nil,
      (.linear, .activation(.relu)) where fixedStatistics, (.batchNorm, .activation(.relu)),
      (.binary, .activation(.relu)):
      joined.activation = .relu
    case (.convolution, .activation(let function)) where fuses(function, behind: first):
      joined.activation = function
    case (.batchNorm, .maxPool(let pool)) where first.relu && !fixedStatistics && poolsInPlace(pool, first.output):
      joined.maxPool = pool
    case (.convolution, .maxPool(let pool))
    where fixedStatistics && kernels == .generated && (first.activation ?? .relu) == .relu
      && poolsInPlace(pool, first.output):
      joined.maxPool = pool
    default:
      return nil
    }
    return joined
  }

  /// Whether the convolution's kernel can apply the activation. Gradients must follow from the output, which is all that
  /// is kept: outside inference this holds for clipping only.
  private func fuses(_ function: ActivationFunction, behind first: FusedNode) -> Bool {
    if use != .inference {
      guard case .clip = function else { return false }
    }
    guard first.activation == nil, function.kernel.fuses, let input = shapes[first.inputs[0]],
      let weight = first.node.parameters["weight"].flatMap({ network.parameters[$0]?.shape }),
      let geometry = try? first.node.operation.convolutionGeometry(of: first.name, input: input, weight: weight)
    else { return false }
    return kernels == .compiled || !Winograd.suits(geometry)
  }

  /// Whether the kernels for adjacent windows support this pooling of a value.
  private func poolsInPlace(_ pool: PoolSettings, _ value: String) -> Bool {
    shapes[value].map(pool.fitsWindowMaximum) ?? false
  }

  /// Only the nodes that the outputs depend on.
  private static func reachable(_ nodes: [FusedNode], from outputs: [String]) -> [FusedNode] {
    var needed = Set(outputs)
    var kept: [FusedNode] = []
    for node in nodes.reversed() where needed.contains(node.output) {
      needed.formUnion(node.inputs)
      kept.append(node)
    }
    return kept.reversed()
  }
}
