/// What can go wrong in a kernel that the caller did not get wrong.
public enum ComputeError: Error, Equatable, Sendable {
  /// oneDNN refused a call; `node` is the layer it was for.
  case oneDNN(call: String, status: Int, node: String)
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
    }
  }
}
