import Compute

extension Network {
  /// The same function in inference with each batch norm behind a convolution folded into its filters, at the running
  /// statistics: `s · (w ∗ x + b - mean) + shift` where `s = scale / √(variance + ε)`.
  ///
  /// Trained further, such a network has no statistics of the batch: its steps are faster, and a sample's output does not
  /// depend on the others.
  ///
  /// - Throws: `NeuralNetError.missingParameter` for an incomplete network.
  public func foldingBatchNorm() throws(NeuralNetError) -> Network {
    var folded = self
    folded.nodes = []
    var readers: [String: Int] = [:]
    for value in nodes.flatMap(\.inputs) + outputs { readers[value, default: 0] += 1 }
    for node in nodes {
      guard case .batchNorm(let settings) = node.operation,
        let index = folded.nodes.firstIndex(where: { $0.output == node.inputs[0] }),
        case .convolution = folded.nodes[index].operation, readers[node.inputs[0]] == 1
      else {
        folded.nodes.append(node)
        continue
      }
      var convolution = folded.nodes[index]
      let filters = try FoldedFilters(convolution, norm: node, settings, parameters)
      let biasName = convolution.parameters["bias"] ?? "\(convolution.name).bias"
      folded.parameters[convolution.parameters["weight"] ?? ""] = filters.weight
      folded.parameters[biasName] = filters.bias
      convolution.parameters["bias"] = biasName
      convolution.output = node.output
      folded.nodes[index] = convolution
      for name in node.parameters.values { folded.parameters[name] = nil }
    }
    return folded
  }
}
