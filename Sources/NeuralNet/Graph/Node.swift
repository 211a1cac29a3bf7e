/// One operator in a network, connected by value names.
public struct Node: Hashable, Sendable, Codable {
  /// Unique within its network; identifies the layer in messages.
  public var name: String
  public var operation: Operator
  /// Names of its input values, in the operator's order.
  public var inputs: [String]
  /// Name of its output value.
  public var output: String
  /// Names of its tensors in `Network.parameters`, by role (`weight`, `bias`, …).
  public var parameters: [String: String]
  /// Whether training leaves its parameters unchanged.
  public var isFrozen: Bool

  public init(
    _ name: String, _ operation: Operator, inputs: [String], output: String? = nil, parameters: [String: String] = [:],
    isFrozen: Bool = false
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.output = output ?? name
    self.parameters = parameters
    self.isFrozen = isFrozen
  }

  /// Whether the parameter of that role is trainable.
  func trains(_ role: String) -> Bool { !isFrozen && operation.trains(role) }
}

extension Node {
  private enum Key: String, CodingKey { case name, operation, inputs, output, parameters, isFrozen }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    self.init(
      try fields.decode(String.self, forKey: .name), try fields.decode(Operator.self, forKey: .operation),
      inputs: try fields.decode([String].self, forKey: .inputs),
      output: try fields.decode(String.self, forKey: .output),
      parameters: try fields.decode([String: String].self, forKey: .parameters),
      isFrozen: try fields.decodeIfPresent(Bool.self, forKey: .isFrozen) ?? false)
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(name, forKey: .name)
    try fields.encode(operation, forKey: .operation)
    try fields.encode(inputs, forKey: .inputs)
    try fields.encode(output, forKey: .output)
    try fields.encode(parameters, forKey: .parameters)
    // Graphs without frozen nodes keep the encoding of earlier versions.
    if isFrozen { try fields.encode(true, forKey: .isFrozen) }
  }
}
