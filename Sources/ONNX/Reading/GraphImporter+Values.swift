import Compute
import NeuralNet

/// Lookup of values by name: computed values, constants, and constants as operands of computed values.
extension GraphImporter {
  /// Whether the value is the graph's input or an earlier node's output.
  func isKnown(_ value: String) -> Bool {
    shapes[value] != nil || constants[value] != nil || sequences[value] != nil
  }

  /// Extents of a computed value for both batch sizes.
  func shapePair(_ value: String) throws -> PerBatch<Shape> {
    guard let shape = shapes[value] else { throw Refusal("its input '\(value)' must depend on the network's input") }
    return shape
  }

  /// Shape of a computed value for the first batch size.
  func shape(_ value: String) throws -> Shape { try shapePair(value).first }

  /// A constant input for both batch sizes; nil if it is missing.
  func constantPair(_ node: Onnx_NodeProto, _ position: Int, _ role: String) throws -> PerBatch<ConstantValue>? {
    guard position < node.input.count, !node.input[position].isEmpty else { return nil }
    guard let value = constants[node.input[position]] else {
      throw Refusal("its \(role) must be constant: values that depend on the network's input are not supported there")
    }
    return value
  }

  /// A constant input that is the same for every batch; nil if it is missing.
  func constant(_ node: Onnx_NodeProto, _ position: Int, _ role: String) throws -> ConstantValue? {
    guard let value = try constantPair(node, position, role) else { return nil }
    guard let fixed = value.fixed else { throw Refusal("its \(role) must not depend on the batch size") }
    return fixed
  }

  func ints(_ node: Onnx_NodeProto, _ position: Int, _ role: String) throws -> [Int]? {
    try constant(node, position, role)?.list(role)
  }

  /// Integers that may depend on the batch.
  func intsPair(_ node: Onnx_NodeProto, _ position: Int, _ role: String) throws -> PerBatch<[Int]>? {
    try constantPair(node, position, role)?.map { try $0.list(role) }
  }

  /// A possibly negative axis as a non-negative index.
  func axis(_ axis: Int, of rank: Int) throws -> Int { try ConstantValue.axis(axis, of: rank) }

  /// The value as an operand of a node; a constant becomes a node.
  mutating func operand(_ value: String) throws -> String {
    guard shapes[value] == nil else { return value }
    guard let known = constants[value] else { throw Refusal("its input '\(value)' is a sequence") }
    guard let constant = known.fixed else { throw Refusal("its constant input '\(value)' depends on the batch size") }
    let name = uniqueName(value)
    let tensor = constant.dims.isEmpty ? Tensor([1], constant.floats) : constant.tensor
    network.nodes.append(Node(name, .constant, inputs: [], output: value, parameters: ["value": "\(name).value"]))
    network.parameters["\(name).value"] = tensor
    shapes[value] = PerBatch(tensor.shape)
    return value
  }

  /// Reduces a constant that repeats one sample over the batch to that sample, since arithmetic operands broadcast.
  ///
  /// - Returns: the name of the value to use instead of `value`.
  mutating func broadcastOperand(_ value: String, beside other: String) throws -> String {
    guard shapes[value] == nil, let constant = constants[value], let x = shapes[other], x.first.rank > 0,
      constant.first.dims.count == x.first.rank, constant.first.dims[0] == x.first[0], x.first[0] != x.second[0],
      !constant.varies || constant.second.dims == [x.second[0]] + constant.first.dims.dropFirst()
    else { return value }
    let samples = try constant.map { try $0.sliced([AxisRange(axis: 0, start: 0, count: 1, step: 1)]) }
    guard let sample = samples.fixed, try sample.expanded(to: constant.first.dims) == constant.first else {
      return value
    }
    let name = between(value, "sample")
    constants[name] = PerBatch(sample)
    return name
  }
}

/// The settings of one node, checked for their kind.
struct NodeAttributes {
  private let values: [String: Onnx_AttributeProto]
  /// Those that were asked for; the rest is unknown to the importer.
  let node: String

  init(_ node: Onnx_NodeProto) {
    values = Dictionary(node.attribute.map { ($0.name, $0) }) { first, _ in first }
    self.node = node.name
  }

  func int(_ name: String) -> Int? { values[name].flatMap { $0.hasI ? Int($0.i) : nil } }
  func float(_ name: String) -> Float? { values[name].flatMap { $0.hasF ? $0.f : nil } }
  func ints(_ name: String) -> [Int]? { values[name].map { $0.ints.map(Int.init) } }
  func floats(_ name: String) -> [Float]? { values[name].map(\.floats) }
  func text(_ name: String) -> String? { values[name].map { String(decoding: $0.s, as: UTF8.self) } }
  func tensor(_ name: String) -> Onnx_TensorProto? { values[name].flatMap { $0.hasT ? $0.t : nil } }
  func has(_ name: String) -> Bool { values[name] != nil }
}

/// Why a node cannot be imported.
struct Refusal: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A quantity evaluated for two batch sizes; it depends on the batch exactly where the two differ.
///
/// The importer follows every shape and every constant for both sizes, so that shape arithmetic in the file can be
/// computed at import without fixing the batch.
struct PerBatch<Value: Equatable> {
  let first: Value
  let second: Value
  let varies: Bool

  init(_ first: Value, _ second: Value) {
    self.first = first
    self.second = second
    varies = first != second
  }

  init(_ value: Value) {
    first = value
    second = value
    varies = false
  }

  /// The value, if it is the same for every batch.
  var fixed: Value? { varies ? nil : first }

  func map<Result>(_ transform: (Value) throws -> Result) rethrows -> PerBatch<Result> {
    guard varies else { return PerBatch<Result>(try transform(first)) }
    return PerBatch<Result>(try transform(first), try transform(second))
  }
}
