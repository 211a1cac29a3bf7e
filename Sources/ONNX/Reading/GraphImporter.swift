import Compute
import NeuralNet

/// Turns a graph into a `Network`, node by node, with the shapes of a batch of one.
struct GraphImporter {
  /// Why a node has no place in a network.
  struct Refusal: Error {
    var reason: String

    init(_ reason: String) { self.reason = reason }
  }

  let opset: Int
  let tensors: TensorReader
  private let graph: Onnx_GraphProto
  private let producer: String
  var network: Network
  /// Values that the network computes, by name, for a batch of one.
  var shapes: [String: Shape] = [:]
  /// Values that are known already.
  var constants: [String: ConstantValue] = [:]
  /// Constants that have become nodes.
  private var constantNodes: Set<String> = []
  /// Values of nodes that were refused: what follows from them is not looked at.
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
    self.tensors = tensors
    let stored = Set(model.graph.initializer.map(\.name))
    let inputs = model.graph.input.filter { !stored.contains($0.name) }
    guard inputs.count == 1, let input = inputs.first else {
      throw .input("the network has \(inputs.count) inputs (\(inputs.map(\.name))): one is needed, the picture")
    }
    let shape = try Self.shape(of: input, inputSize)
    network = Network(input: input.name, inputShape: shape, nodes: [], outputs: [], parameters: [:])
    shapes[input.name] = Shape([1] + shape.extents)
  }

  mutating func run() throws(ONNXError) -> ImportedNetwork {
    for tensor in graph.initializer {
      guard constants[tensor.name] == nil, shapes[tensor.name] == nil else {
        throw .damaged("the name '\(tensor.name)' is given twice")
      }
      constants[tensor.name] = try tensors.value(tensor)
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
    return ImportedNetwork(network: network, opset: opset, producer: producer)
  }

  private func outputs() throws(ONNXError) -> [String] {
    guard !graph.output.isEmpty else { throw .damaged("it has no output") }
    for output in graph.output where shapes[output.name] == nil {
      throw .damaged("the output '\(output.name)' is not computed by the graph")
    }
    return graph.output.map(\.name)
  }

  private mutating func take(_ node: Onnx_NodeProto) throws(ONNXError) {
    let name = node.name.isEmpty ? node.output.first ?? "" : node.name
    for output in node.output where !output.isEmpty {
      guard shapes[output] == nil, constants[output] == nil, !unknown.contains(output) else {
        throw .damaged("the value '\(output)' is computed twice")
      }
    }
    guard !node.input.contains(where: unknown.contains) else {
      unknown.formUnion(node.output)
      return
    }
    for input in node.input where !input.isEmpty && shapes[input] == nil && constants[input] == nil {
      throw .damaged("node '\(name)' reads '\(input)', which nothing before it computes")
    }
    do {
      guard node.domain.isEmpty || node.domain == "ai.onnx" else {
        throw Refusal("operators of the domain \(node.domain) are not known here")
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

  // MARK: - Making nodes

  /// Adds a node to the network and notes its result's shape.
  ///
  /// - Parameter output: name of the value; the node gets a name of its own.
  mutating func append(
    _ operation: Operator, _ inputs: [String], output: String, _ tensors: [String: Tensor] = [:]
  ) throws {
    let name = uniqueName(output)
    let read = try inputs.map { try valueName($0) }
    var node = Node(name, operation, inputs: read, output: output)
    for (role, tensor) in tensors {
      node.parameters[role] = "\(name).\(role)"
      network.parameters["\(name).\(role)"] = tensor
    }
    let shape = try operation.outputShape(
      of: name, inputs: read.compactMap { shapes[$0] }, parameters: tensors.mapValues(\.shape))
    network.nodes.append(node)
    shapes[output] = shape
  }

  /// A name for a value between two nodes that stand for one of the graph's.
  func between(_ output: String, _ what: String) -> String { "\(output)/\(what)" }

  /// The value as a node reads it: a constant becomes a node of its own.
  private mutating func valueName(_ value: String) throws -> String {
    guard shapes[value] == nil else { return value }
    guard let constant = constants[value] else { throw Refusal("its input '\(value)' is not there") }
    let name = uniqueName(value)
    let tensor = constant.dims.isEmpty ? Tensor([1], constant.floats) : constant.tensor
    network.nodes.append(Node(name, .constant, inputs: [], output: value, parameters: ["value": "\(name).value"]))
    network.parameters["\(name).value"] = tensor
    shapes[value] = tensor.shape
    return value
  }

  private mutating func uniqueName(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while !names.insert(name).inserted {
      name = "\(wanted)#\(number)"
      number += 1
    }
    return name
  }

  // MARK: - Looking things up

  func shape(_ value: String) throws -> Shape {
    guard let shape = shapes[value] else { throw Refusal("its input '\(value)' must not be a constant") }
    return shape
  }

  /// The constant of an optional input; nil when it is absent.
  func constant(_ node: Onnx_NodeProto, _ position: Int, _ role: String) throws -> ConstantValue? {
    guard position < node.input.count, !node.input[position].isEmpty else { return nil }
    guard let value = constants[node.input[position]] else {
      throw Refusal("its \(role) must be a constant")
    }
    return value
  }

  func ints(_ node: Onnx_NodeProto, _ position: Int, _ role: String) throws -> [Int]? {
    guard let value = try constant(node, position, role) else { return nil }
    guard let ints = value.ints else { throw Refusal("its \(role) must be whole numbers") }
    return ints
  }

  /// An axis counted from the front.
  func axis(_ axis: Int, of rank: Int) throws -> Int {
    let counted = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(counted) else { throw Refusal("there is no axis \(axis) among \(rank)") }
    return counted
  }

  /// Rows and columns of the input where the file leaves them open.
  private static func shape(of input: Onnx_ValueInfoProto, _ size: Pair?) throws(ONNXError) -> Shape {
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
    return Shape(extents)
  }
}
