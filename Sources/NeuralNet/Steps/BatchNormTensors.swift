import Compute

/// Gradients and running statistics of a batch norm in training.
struct BatchNormTensors {
  private var scaleGradient: Tensor
  private var shiftGradient: Tensor
  private let node: Node
  private let momentum: Float
  /// What turns a biased variance into an unbiased one, which the running variance is, as in other frameworks.
  private let unbias: Float
  private var mean: Tensor
  private var variance: Tensor

  /// - Parameter shape: of the input, `[N, C, H, W]`.
  init(_ node: Node, _ settings: BatchNormSettings, _ shape: Shape) {
    self.node = node
    momentum = settings.momentum
    let count = Float(shape.count / shape[1])
    unbias = count > 1 ? count / (count - 1) : 1
    scaleGradient = Tensor([shape[1]])
    shiftGradient = Tensor([shape[1]])
    mean = Tensor([shape[1]])
    variance = Tensor([shape[1]])
  }

  mutating func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    mean = try node.tensor("mean", in: parameters)
    variance = try node.tensor("variance", in: parameters)
  }

  /// Moves the running statistics towards a batch's, whose variance is the biased one.
  mutating func moveStatistics(mean batchMean: some Collection<Float>, variance batchVariance: some Collection<Float>) {
    for (c, (batchMean, batchVariance)) in zip(batchMean, batchVariance).enumerated() {
      mean[c] += momentum * (batchMean - mean[c])
      variance[c] += momentum * (batchVariance * unbias - variance[c])
    }
  }

  /// Lets `body` write the gradients of scale and shift, `[C]` each.
  mutating func writeGradients<E: Error>(
    _ body: (_ scale: UnsafeMutablePointer<Float>, _ shift: UnsafeMutablePointer<Float>) throws(E) -> Void
  ) throws(E) {
    var scale = Tensor(scaleGradient.shape)
    var shift = Tensor(shiftGradient.shape)
    try scale.withMutableFloats { scale throws(E) in
      try shift.withMutableFloats { shift throws(E) in try body(scale.start, shift.start) }
    }
    scaleGradient = scale
    shiftGradient = shift
  }

  /// By their names in the network.
  var gradients: [String: Tensor] { named(["scale": scaleGradient, "shift": shiftGradient]) }
  var statistics: [String: Tensor] { named(["mean": mean, "variance": variance]) }

  private func named(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var all: [String: Tensor] = [:]
    for (role, tensor) in tensors {
      if let name = node.parameters[role] { all[name] = tensor }
    }
    return all
  }
}
