public import Compute

/// Errors of networks from outside the program, and of their training.
public enum NeuralNetError: Error, Sendable {
  /// The graph cannot be computed.
  case invalidNetwork(node: String, String)
  /// Incompatible shapes.
  case shape(node: String, String)
  /// Missing parameter tensors.
  case missingParameter(node: String, name: String)
  /// The input or labels do not fit the executor.
  case input(String)
  /// The loss or a gradient is infinite or not a number; `node` is the first layer with such an output, if any.
  case notFinite(what: String, step: Int, node: String?)
  case compute(ComputeError)
  /// A file whose network or training state cannot be used.
  case badFile(String)
}

extension NeuralNetError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidNetwork(let node, let problem): "layer '\(node)': \(problem)"
    case .shape(let node, let problem): "layer '\(node)': \(problem)"
    case .missingParameter(let node, let name): "layer '\(node)': its parameter '\(name)' is missing"
    case .input(let problem): problem
    case .notFinite(let what, let step, let node):
      "training step \(step): the \(what) is not finite"
        + (node.map { ", the first such values are the output of layer '\($0)'" } ?? "")
        + "; lower the learning rate or clip the gradients"
    case .compute(let error): error.description
    case .badFile(let problem): "not a valid model file: \(problem)"
    }
  }
}

/// Runs kernels and converts their errors.
func computing<R: ~Copyable>(_ body: () throws(ComputeError) -> R) throws(NeuralNetError) -> R {
  do {
    return try body()
  } catch {
    throw .compute(error)
  }
}
