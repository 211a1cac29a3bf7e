import Compute

/// Chooses the layout of each value, and inserts layout changes between steps that disagree.
///
/// Values start channels last. Inputs and outputs of a Winograd convolution are in blocks; from there blocks spread
/// through the steps that support both layouts equally, so that a chain of convolutions, sums and pools changes the
/// layout at its ends only. A layout change is a node with the operator `identity`.
struct LayoutPlan {
  private(set) var nodes: [FusedNode]
  /// Shapes of all values, including those with changed layout.
  private(set) var shapes: [String: Shape]
  private var blocked: Set<String> = []
  private let demands: [LayoutDemand]

  /// The layout of a value in the executor's memory.
  func layout(_ value: String) -> PictureLayout { blocked.contains(value) ? .blocks : .channelsLast }

  /// - Parameters:
  ///   - outputs: the network's outputs; they and its input stay channels last.
  ///   - kernels: with `.compiled` all values stay channels last.
  init(
    _ fused: [FusedNode], _ shapes: [String: Shape], parameters: [String: Shape], outputs: [String],
    _ kernels: KernelSource
  ) throws(NeuralNetError) {
    var demands: [LayoutDemand] = []
    for node in fused { demands.append(try LayoutDemand(node, shapes, parameters)) }
    self.demands = demands
    self.shapes = shapes
    nodes = fused
    guard kernels == .generated else { return }
    spreadBlocks(except: Set(outputs))
    insertChanges()
  }

  private mutating func spreadBlocks(except outputs: Set<String>) {
    var free = Set<String>()
    for (node, demand) in zip(nodes, demands) where !outputs.contains(node.output) && demand.output != .channelsLast {
      if let shape = shapes[node.output], PictureLayout.canBlock(shape) { free.insert(node.output) }
    }
    for (node, demand) in zip(nodes, demands) {
      if demand.inputs == .blocks { blocked.formUnion(free.intersection(node.inputs)) }
      if demand.output == .blocks { blocked.formUnion(free.intersection([node.output])) }
    }
    var before = -1
    while blocked.count > before {
      before = blocked.count
      for (node, demand) in zip(nodes, demands) where demand.inputs == .asOutput && free.contains(node.output) {
        let values = node.inputs + [node.output]
        if values.contains(where: blocked.contains) { blocked.formUnion(free.intersection(values)) }
      }
    }
  }

  private mutating func insertChanges() {
    var result: [FusedNode] = []
    for (var node, demand) in zip(nodes, demands) {
      let made = demand.output == .blocks ? .blocks : layout(node.output)
      if let wanted = demand.inputLayout(whenOutputIs: made) {
        for index in node.inputs.indices {
          node.node.inputs[index] = value(node.inputs[index], in: wanted, &result)
        }
      }
      let output = node.output
      if made != layout(output) { node.output = register(output, in: made) }
      result.append(node)
      if node.output != output { result.append(Self.change(from: node.output, to: output)) }
    }
    nodes = result
  }

  /// The value's name in that layout; appends a layout change if the value has another one.
  private mutating func value(_ name: String, in wanted: PictureLayout, _ result: inout [FusedNode]) -> String {
    guard let shape = shapes[name], shape.rank == 4, layout(name) != wanted else { return name }
    let changed = Self.name(name, in: wanted)
    if shapes[changed] == nil {
      _ = register(name, in: wanted)
      result.append(Self.change(from: name, to: changed))
    }
    return changed
  }

  /// Registers a name for a value in another layout.
  private mutating func register(_ value: String, in layout: PictureLayout) -> String {
    let name = Self.name(value, in: layout)
    shapes[name] = shapes[value]
    if layout == .blocks { blocked.insert(name) }
    return name
  }

  private static func name(_ value: String, in layout: PictureLayout) -> String {
    layout == .blocks ? "\(value), in blocks" : "\(value), channels last"
  }

  private static func change(from source: String, to target: String) -> FusedNode {
    FusedNode(node: Node("layout of \(target)", .identity, inputs: [source], output: target), output: target)
  }
}

/// The layouts that a step supports.
struct LayoutDemand {
  enum Inputs { case channelsLast, blocks, asOutput, any }
  enum Output { case channelsLast, blocks, any }

  let inputs: Inputs
  let output: Output

  private static let plain = LayoutDemand(inputs: .channelsLast, output: .channelsLast)

  private init(inputs: Inputs, output: Output) {
    self.inputs = inputs
    self.output = output
  }

  /// The required layout of the inputs; nil if either works.
  func inputLayout(whenOutputIs output: PictureLayout) -> PictureLayout? {
    switch inputs {
    case .channelsLast: .channelsLast
    case .blocks: .blocks
    case .asOutput: output
    case .any: nil
    }
  }

  init(_ fused: FusedNode, _ shapes: [String: Shape], _ parameters: [String: Shape]) throws(NeuralNetError) {
    let inputs = fused.inputs.map { shapes[$0] ?? [] }
    let output = shapes[fused.output] ?? []
    let alike: LayoutDemand =
      (inputs + [output]).allSatisfy(PictureLayout.canBlock) ? .init(inputs: .asOutput, output: .any) : .plain
    switch fused.node.operation {
    case .convolution:
      let weight = fused.node.parameters["weight"].flatMap { parameters[$0] } ?? []
      let geometry = try fused.node.operation.convolutionGeometry(of: fused.name, input: inputs[0], weight: weight)
      self = Self.convolution(geometry, pools: fused.maxPool != nil, otherwise: alike)
    case .batchNorm where fused.maxPool != nil:
      self.init(inputs: .any, output: .any)
    case .maxPool(let pool) where pool.fitsWindowMaximum(inputs[0]):
      self.init(inputs: .any, output: .any)
    case .activation, .dropout, .batchNorm, .maxPool, .averagePool, .concat(axis: 1):
      self = alike
    case .binary:
      self = inputs.allSatisfy { $0 == output } ? alike : .plain
    case .globalAveragePool, .flatten(axis: 1):
      self.init(inputs: .any, output: .channelsLast)
    default:
      self = .plain
    }
  }

  /// - Parameter pools: whether pooling is fused; it can write either layout.
  private static func convolution(
    _ g: ConvolutionGeometry, pools: Bool, otherwise alike: LayoutDemand
  ) -> LayoutDemand {
    if Winograd.suits(g) { return .init(inputs: .blocks, output: pools ? .any : .blocks) }
    if pools { return .init(inputs: .channelsLast, output: .any) }
    return g.groups == 1 || g.isDepthwise ? alike : .plain
  }
}

extension PoolSettings {
  /// Whether the kernel for adjacent windows supports this shape.
  func fitsWindowMaximum(_ shape: Shape) -> Bool {
    stride == kernel && padding == Padding(0) && WindowMaximum.fits(shape, window: kernel)
  }
}
