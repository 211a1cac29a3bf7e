/// One operator in a network, wired by names.
public struct Node: Hashable, Sendable, Codable {
  /// Unique in its network; it names the layer in messages.
  public var name: String
  public var operation: Operator
  /// Names of the values that it reads, in the operator's order.
  public var inputs: [String]
  /// Name of the value that it makes.
  public var output: String
  /// Names of its tensors in `Network.parameters`, by role (`weight`, `bias`, …).
  public var parameters: [String: String]

  public init(
    _ name: String, _ operation: Operator, inputs: [String], output: String? = nil, parameters: [String: String] = [:]
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.output = output ?? name
    self.parameters = parameters
  }
}
