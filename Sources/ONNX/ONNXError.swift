/// Why an ONNX file cannot be used; the text says what to do.
public enum ONNXError: Error, Sendable, Hashable {
  /// A node that cannot be imported or exported, and why.
  public struct Unsupported: Sendable, Hashable {
    public var node: String
    public var operation: String
    public var reason: String
  }

  case file(path: String, problem: String)
  /// The file breaks the format's rules.
  case damaged(String)
  /// Everything that is not supported, in the order of the graph.
  case unsupported([Unsupported])
  /// The graph needs to be told something.
  case input(String)
  /// The network that came out does not fit together.
  case network(String)
}

extension ONNXError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let path, let problem): "\(path): \(problem)"
    case .damaged(let problem): "not a valid ONNX file: \(problem)"
    case .unsupported(let list):
      "the network uses operators or settings that are not supported:\n"
        + list.map { "  node '\($0.node)' (\($0.operation)): \($0.reason)" }.joined(separator: "\n")
    case .input(let problem): problem
    case .network(let problem): "the network does not fit together: \(problem)"
    }
  }
}
