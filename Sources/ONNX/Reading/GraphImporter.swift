import Compute
import NeuralNet

/// Converts a graph to a `Network`, node by node.
///
/// Tracks the shapes of all values for two batch sizes: that of the file (1 if the file leaves it open) and a larger
/// one. Whatever is equal for both does not depend on the batch.
struct GraphImporter {
  let opset: Int
  let tensors: TensorReader
  private let graph: Onnx_GraphProto
  private let producer: String
  private let metadata: [String: String]
  let batch: PerBatch<Int>
  var network: Network
  var evaluator: ConstantEvaluator
  /// Shapes of computed values, by name.
  var shapes: [String: PerBatch<Shape>] = [:]
  /// Values known at import, by name.
  var constants: [String: PerBatch<ConstantValue>] = [:]
  /// Names of the elements of each sequence, by the sequence's name.
  var sequences: [String: [String]] = [:]
  /// Outputs of rejected nodes; nodes that read them are skipped.
  private var unknown: Set<String> = []
  private var unsupported: [ONNXError.Unsupported] = []
  private var names: Set<String> = []

  init(_ model: Onnx_ModelProto, tensors: TensorReader, inputSize: Pair?) throws(ONNXError) {
    guard model.hasGraph else { throw .damaged("it has no graph") }
    guard let version = model.opsetImport.first(where: { $0.domain.isEmpty || $0.domain == "ai.onnx" })?.version
    else { throw .damaged("it does not say which operators it means (no opset)") }
    guard ONNXFile.opsets.contains(Int(truncatingIfNeeded: version)) else {
      throw .input(
        "the file uses opset \(version); \(ONNXFile.opsets.lowerBound) to \(ONNXFile.opsets.upperBound) are read: "
          + "export it again, or convert it with onnx.version_converter")
    }
    opset = Int(version)
    graph = model.graph
    producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    metadata = Dictionary(model.metadataProps.map { ($0.key, $0.value) }) { $1 }
    self.tensors = tensors
    let initialisers = Set(model.graph.initializer.map(\.name))
    let inputs = model.graph.input.filter { !initialisers.contains($0.name) }
    guard inputs.count == 1, let input = inputs.first else {
      throw .input("the network has \(inputs.count) inputs (\(inputs.map(\.name))): one is needed, the picture")
    }
    let (fixedBatch, shape) = try Self.shape(of: input, inputSize)
    // Sizes of different parity, so that halves of the batch differ too.
    batch = PerBatch(fixedBatch ?? 1, (fixedBatch ?? 1) + 5)
    network = Network(input: input.name, inputShape: shape, nodes: [], outputs: [], parameters: [:])
    shapes[input.name] = batch.map { Shape([$0] + shape.extents) }
    let stored = model.graph.initializer.reduce(0) { $0 &+ (ConstantValue.count(of: $1.dims.map(Int.init)) ?? 0) }
    evaluator = ConstantEvaluator(tensors: tensors, storedElements: min(max(stored, 0), 1 << 32))
  }

  mutating func run() throws(ONNXError) -> ImportedNetwork {
    for tensor in graph.initializer {
      guard constants[tensor.name] == nil, shapes[tensor.name] == nil else {
        throw .damaged("the name '\(tensor.name)' is given twice")
      }
      constants[tensor.name] = PerBatch(try tensors.value(tensor))
    }
    for node in graph.node { try take(node) }
    guard unsupported.isEmpty else { throw .unsupported(unsupported) }
    network.outputs = try outputs()
    do {
      _ = try network.shapes(batch: 1)
      _ = try network.shapes(batch: 2)
    } catch {
      throw .network("\(error)")
    }
    return ImportedNetwork(network: network, opset: opset, producer: producer, metadata: metadata)
  }

  private func outputs() throws(ONNXError) -> [String] {
    guard !graph.output.isEmpty else { throw .damaged("it has no output") }
    for output in graph.output where shapes[output.name] == nil {
      guard constants[output.name] == nil, sequences[output.name] == nil else {
        throw .input("the output '\(output.name)' is no tensor computed from the input: export without this output")
      }
      throw .damaged("the output '\(output.name)' is not computed by the graph")
    }
    return graph.output.map(\.name)
  }

  private mutating func take(_ node: Onnx_NodeProto) throws(ONNXError) {
    let name = node.name.isEmpty ? node.output.first ?? "" : node.name
    for output in node.output where !output.isEmpty {
      guard !isKnown(output), !unknown.contains(output) else {
        throw .damaged("the value '\(output)' is computed twice")
      }
    }
    guard !node.input.contains(where: unknown.contains) else {
      unknown.formUnion(node.output)
      return
    }
    for input in node.input where !input.isEmpty && !isKnown(input) {
      throw .damaged("node '\(name)' reads '\(input)', which nothing before it computes")
    }
    do {
      guard node.domain.isEmpty || node.domain == "ai.onnx" else {
        throw Refusal("operators of the domain \(node.domain) are not supported: export with operators of ONNX only")
      }
      try translate(node)
    } catch let refusal as Refusal {
      unsupported.append(.init(node: name, operation: node.opType, reason: refusal.reason))
      unknown.formUnion(node.output)
    } catch let error as NeuralNetError {
      throw .network("\(error)")
    } catch let error as ONNXError {
      throw error
    } catch {
      throw .damaged("\(error)")
    }
  }

  // MARK: - Creating nodes

  /// Appends a node to the network and records its output shape.
  ///
  /// - Parameter output: name of the value; the node gets a separate name.
  mutating func append(
    _ operation: Operator, _ inputs: [String], output: String, _ tensors: [String: Tensor] = [:]
  ) throws {
    let name = uniqueName(output)
    let read = try inputs.map { try operand($0) }
    var node = Node(name, operation, inputs: read, output: output)
    for (role, tensor) in tensors {
      node.parameters[role] = "\(name).\(role)"
      network.parameters["\(name).\(role)"] = tensor
    }
    let parameters = tensors.mapValues(\.shape)
    let inputs = read.compactMap { shapes[$0] }
    let first = try operation.outputShape(of: name, inputs: inputs.map(\.first), parameters: parameters)
    var second = first
    if inputs.contains(where: \.varies) {
      do {
        second = try operation.outputShape(of: name, inputs: inputs.map(\.second), parameters: parameters)
      } catch {
        throw Refusal("it fits a batch of \(batch.first) only (\(error)): export with an open batch axis")
      }
    }
    for shape in [first, second] {
      guard let count = ConstantValue.count(of: shape.extents), count <= 1 << 48 else {
        throw Refusal("its output \(shape) is too large")
      }
    }
    network.nodes.append(node)
    shapes[output] = PerBatch(first, second)
  }

  /// A name for an intermediate value when several nodes replace one of the graph's.
  func between(_ output: String, _ what: String) -> String { "\(output)/\(what)" }

  mutating func uniqueName(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while !names.insert(name).inserted {
      name = "\(wanted)#\(number)"
      number += 1
    }
    return name
  }

  /// The input's batch size, if fixed by the file, and the shape of one sample.
  ///
  /// - Parameter size: height and width if the file leaves them open.
  private static func shape(
    of input: Onnx_ValueInfoProto, _ size: Pair?
  ) throws(ONNXError) -> (batch: Int?, sample: Shape) {
    let dims = input.type.tensorType.shape.dim
    guard input.type.tensorType.elemType == 1 else {
      throw .input("the input '\(input.name)' is not of 32-bit floats")
    }
    guard dims.count >= 2 else { throw .input("the input '\(input.name)' has no batch of samples") }
    var extents: [Int] = []
    for (axis, dim) in dims.enumerated().dropFirst() {
      let given = axis == 2 ? size?.height : axis == 3 ? size?.width : nil
      if case .dimValue(let value) = dim.value, value > 0 {
        guard given == nil || given == Int(value) else {
          throw .input("the input '\(input.name)' is fixed to \(value) on axis \(axis), not \(given ?? 0)")
        }
        guard value <= 1 << 16 else { throw .damaged("the input '\(input.name)' claims an extent of \(value)") }
        extents.append(Int(value))
      } else if let given {
        extents.append(given)
      } else {
        throw .input("the file leaves the input's size open: say which with --input")
      }
    }
    guard let count = ConstantValue.count(of: extents), count <= 1 << 40 else {
      throw .damaged("the input '\(input.name)' claims the extents \(extents)")
    }
    guard case .dimValue(let fixed) = dims[0].value, fixed > 0 else { return (nil, Shape(extents)) }
    guard fixed <= 1 << 16 else { throw .damaged("the input '\(input.name)' claims a batch of \(fixed)") }
    return (Int(fixed), Shape(extents))
  }
}
