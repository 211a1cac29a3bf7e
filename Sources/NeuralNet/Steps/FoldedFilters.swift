import Compute

/// A convolution's filters and bias with a batch norm of fixed statistics multiplied in:
/// `s · (w ∗ x + b - mean) + shift` where `s = scale / √(variance + ε)`.
struct FoldedFilters {
  let weight: Tensor
  let bias: Tensor?

  init(_ fused: FusedNode, _ parameters: [String: Tensor]) throws(NeuralNetError) {
    let node = fused.node
    let weight = try node.tensor("weight", in: parameters)
    let bias = node.parameters["bias"] == nil ? nil : try node.tensor("bias", in: parameters)
    guard let norm = fused.foldedNorm, case .batchNorm(let settings) = norm.operation else {
      self.weight = weight
      self.bias = bias
      return
    }
    let affine = try ChannelAffine(norm, settings, parameters)
    let perFilter = weight.shape.sample.count
    var folded = weight
    folded.withMutableFloats { w in
      for k in 0..<affine.factor.count {
        for i in 0..<perFilter { w[k * perFilter + i] *= affine.factor[k] }
      }
    }
    self.weight = folded
    self.bias = Tensor(
      [affine.factor.count],
      affine.factor.indices.map { affine.offset[$0] + affine.factor[$0] * (bias?[$0] ?? 0) })
  }
}

/// Batch norm with fixed statistics as one factor and one offset a channel.
struct ChannelAffine {
  let factor: [Float]
  let offset: [Float]

  init(_ node: Node, _ settings: BatchNormSettings, _ parameters: [String: Tensor]) throws(NeuralNetError) {
    let scale = try node.tensor("scale", in: parameters)
    let shift = try node.tensor("shift", in: parameters)
    let mean = try node.tensor("mean", in: parameters)
    let variance = try node.tensor("variance", in: parameters)
    // In double precision: the variance of a dead channel can be far below epsilon.
    let factors = (0..<scale.count).map { c in
      Double(scale[c]) / (Double(max(variance[c], 0)) + Double(settings.epsilon)).squareRoot()
    }
    factor = factors.map { Float($0) }
    offset = factors.indices.map { Float(Double(shift[$0]) - factors[$0] * Double(mean[$0])) }
  }
}

extension Node {
  /// The value of its parameter of that role.
  func tensor(_ role: String, in values: [String: Tensor]) throws(NeuralNetError) -> Tensor {
    guard let key = parameters[role], let tensor = values[key] else {
      throw .missingParameter(node: name, name: parameters[role] ?? role)
    }
    return tensor
  }
}
