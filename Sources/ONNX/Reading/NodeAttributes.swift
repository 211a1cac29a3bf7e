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
