import Compute

/// Decides in which layout each value lies, and puts changes of layout between steps that disagree.
///
/// Values start channels last. The ones that a Winograd convolution reads or makes lie in blocks; from there blocks
/// spread through the steps that work alike in both layouts, so that a chain of convolutions, sums and pools changes
/// the layout at its ends only. A change is a node of the operator `identity`.
struct LayoutPlan {
  private(set) var nodes: [FusedNode]
  /// Shapes of all values, those of changed layout included.
  private(set) var shapes: [String: Shape]
  private var blocked: Set<String> = []
  private let demands: [LayoutDemand]

  /// The layout of a value in the executor's memory.
  func layout(_ value: String) -> PictureLayout { blocked.contains(value) ? .blocks : .channelsLast }

  /// - Parameter outputs: of the network; they and its input stay channels last.
  init(
    _ fused: [FusedNode], _ shapes: [String: Shape], parameters: [String: Shape], outputs: [String]
  ) throws(NeuralNetError) {
    var demands: [LayoutDemand] = []
    for node in fused { demands.append(try LayoutDemand(node, shapes, parameters)) }
    self.demands = demands
    self.shapes = shapes
    nodes = fused
    spreadBlocks(except: Set(outputs))
    insertChanges()
  }

  private mutating func spreadBlocks(except outputs: Set<String>) {
    var free = Set<String>()
    for (node, demand) in zip(nodes, demands) where !outputs.contains(node.output) && demand.canMakeBlocks {
      if let shape = shapes[node.output], PictureLayout.canBlock(shape) { free.insert(node.output) }
    }
    for (node, demand) in zip(nodes, demands) where demand == .blocks {
      blocked.formUnion(free.intersection(node.inputs + [node.output]))
    }
    var before = -1
    while blocked.count > before {
      before = blocked.count
      for (node, demand) in zip(nodes, demands) where demand == .same && free.contains(node.output) {
        let values = node.inputs + [node.output]
        if values.contains(where: blocked.contains) { blocked.formUnion(free.intersection(values)) }
      }
    }
  }

  private mutating func insertChanges() {
    var result: [FusedNode] = []
    for (var node, demand) in zip(nodes, demands) {
      let made = demand == .blocks ? .blocks : layout(node.output)
      if demand != .any {
        for index in node.inputs.indices {
          let wanted = demand == .blocks || demand == .same ? made : .channelsLast
          node.node.inputs[index] = value(node.inputs[index], in: wanted, &result)
        }
      }
      guard made != layout(node.output) else {
        result.append(node)
        continue
      }
      let output = node.output
      node.output = register(output, in: made)
      result.append(node)
      result.append(Self.change(from: node.output, to: output))
    }
    nodes = result
  }

  /// The value's name in that layout, made by a change where it has another one.
  private mutating func value(_ name: String, in wanted: PictureLayout, _ result: inout [FusedNode]) -> String {
    guard let shape = shapes[name], shape.rank == 4, layout(name) != wanted else { return name }
    let changed = Self.name(name, in: wanted)
    if shapes[changed] == nil {
      _ = register(name, in: wanted)
      result.append(Self.change(from: name, to: changed))
    }
    return changed
  }

  /// Makes a name for a value in another layout known.
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

/// What a step can do with layouts.
enum LayoutDemand {
  /// Everything channels last.
  case channelsLast
  /// Everything in blocks.
  case blocks
  /// All inputs and the output alike.
  case same
  /// Reads either layout and makes either.
  case any
  /// Reads either layout, makes channels last.
  case readsAny

  var canMakeBlocks: Bool { self == .blocks || self == .same || self == .any }

  init(_ fused: FusedNode, _ shapes: [String: Shape], _ parameters: [String: Shape]) throws(NeuralNetError) {
    let values = (fused.inputs + [fused.output]).map { shapes[$0] ?? [] }
    let fit = values.allSatisfy(PictureLayout.canBlock)
    switch fused.node.operation {
    case .convolution:
      let weight = fused.node.parameters["weight"].flatMap { parameters[$0] } ?? []
      let geometry = try fused.node.operation.convolutionGeometry(of: fused.name, input: values[0], weight: weight)
      self = Self.convolution(geometry, fit)
    case .batchNorm where fused.maxPool != nil:
      self = .any
    case .maxPool(let pool) where pool.fitsWindowMaximum(values[0]):
      self = .any
    case .relu, .sigmoid, .dropout, .batchNorm, .maxPool, .averagePool, .concat:
      self = fit ? .same : .channelsLast
    case .add:
      self = fit && values.allSatisfy { $0 == values[0] } ? .same : .channelsLast
    case .globalAveragePool, .flatten:
      self = .readsAny
    default:
      self = .channelsLast
    }
  }

  private static func convolution(_ g: ConvolutionGeometry, _ fit: Bool) -> LayoutDemand {
    if Winograd.suits(g) { return .blocks }
    let isDepthwise = g.groups == g.input.channels && g.groups == g.output.channels
    return fit && (g.groups == 1 || isDepthwise) ? .same : .channelsLast
  }
}

extension PoolSettings {
  /// Whether the kernel for windows side by side takes them.
  func fitsWindowMaximum(_ shape: Shape) -> Bool {
    stride == kernel && padding == Padding(0) && WindowMaximum.fits(shape, window: kernel)
  }
}
