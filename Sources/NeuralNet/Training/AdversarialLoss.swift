public import Compute

/// What a discriminator and a generator minimise against each other.
///
/// Logits are positive for "real". Each function gives a worker's part of the batch's mean, and its gradient.
public enum AdversarialLoss: String, Sendable, Hashable, Codable, CaseIterable {
  /// max(0, 1 - D(x)) + max(0, 1 + D(G(z))), and -D(G(z)) for the generator (Lim and Ye 2017; Miyato et al. 2018,
  /// equations 16 and 17).
  case hinge
  /// Cross-entropy of real against generated, and -log D(G(z)) for the generator, which does not die down when the
  /// discriminator is sure (Goodfellow et al. 2014, §3).
  case nonSaturating = "non-saturating"

  /// The discriminator's loss of real samples.
  ///
  /// - Parameter total: samples of the whole batch, which the sum is divided by.
  public func ofReal(_ logits: Tensor, total: Int) throws(NeuralNetError) -> LossValue {
    switch self {
    case .hinge: hinge(logits, sign: 1, total: total)
    case .nonSaturating: try crossEntropy(logits, label: 1, total: total)
    }
  }

  /// The discriminator's loss of generated samples.
  public func ofGenerated(_ logits: Tensor, total: Int) throws(NeuralNetError) -> LossValue {
    switch self {
    case .hinge: hinge(logits, sign: -1, total: total)
    case .nonSaturating: try crossEntropy(logits, label: 0, total: total)
    }
  }

  /// The generator's loss, of what the discriminator says of its samples.
  public func ofGenerator(_ logits: Tensor, total: Int) throws(NeuralNetError) -> LossValue {
    switch self {
    case .hinge:
      let sum = logits.values.reduce(0.0) { $0 - Double($1) }
      return LossValue(
        value: Float(sum / Double(total)), gradient: Tensor(logits.shape, repeating: -1 / Float(total)))
    case .nonSaturating: return try crossEntropy(logits, label: 1, total: total)
    }
  }

  private func hinge(_ logits: Tensor, sign: Float, total: Int) -> LossValue {
    var sum = 0.0
    var gradient = Tensor(logits.shape)
    for i in 0..<logits.count {
      let margin = 1 - sign * logits[i]
      guard margin > 0 || margin.isNaN else { continue }
      sum += Double(margin)
      gradient[i] = -sign / Float(total)
    }
    return LossValue(value: Float(sum / Double(total)), gradient: gradient)
  }

  private func crossEntropy(_ logits: Tensor, label: Float, total: Int) throws(NeuralNetError) -> LossValue {
    try BinaryCrossEntropy()(
      logits, labels: Array(repeating: label, count: logits.count), totalWeight: Float(total))
  }
}
