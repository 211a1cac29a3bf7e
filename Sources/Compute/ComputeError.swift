/// What can go wrong in a kernel that the caller did not get wrong.
public enum ComputeError: Error, Equatable, Sendable {
  /// oneDNN refused a call; `node` is the layer it was for.
  case oneDNN(call: String, status: Int, node: String)
  /// oneDNN has only its slow reference code for a layer that does much work.
  case slowImplementation(node: String, implementation: String)
  /// A decomposition failed: the matrix is not what it must be.
  case lapack(call: String, status: Int)
}

extension ComputeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .oneDNN(let call, let status, let node):
      "layer '\(node)': oneDNN's \(call) failed with status \(status)"
    case .lapack(let call, let status):
      "LAPACK's \(call) failed with status \(status): the data's values are not finite, or all alike"
    case .slowImplementation(let node, let implementation):
      "layer '\(node)': oneDNN offers only '\(implementation)' for this shape on this processor, "
        + "which is tens of times slower than its fast code; change the layer's channels or run on a newer processor"
    }
  }
}
