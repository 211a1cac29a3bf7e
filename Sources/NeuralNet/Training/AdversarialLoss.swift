public import Compute

/// The losses of a discriminator and a generator.
///
/// Positive logits mean "real". Each function returns a worker's contribution to the batch mean, and its gradient.
public enum AdversarialLoss: String, Sendable, Hashable, Codable, CaseIterable {
  /// max(0, 1 - D(x)) + max(0, 1 + D(G(z))), and -D(G(z)) for the generator (Lim and Ye 2017; Miyato et al. 2018,
  /// equations 16 and 17).
  case hinge
  /// Cross-entropy of real against generated, and -log D(G(z)) for the generator, whose gradient does not vanish when
  /// the discriminator is confident (Goodfellow et al. 2014, §3).
  case nonSaturating = "non-saturating"

  /// The discriminator's loss on real samples.
  ///
  /// - Parameter total: number of samples in the whole batch, by which the sum is divided.
  public func ofReal(_ logits: Tensor, total: Int) throws(NeuralNetError) -> LossValue {
    switch self {
    case .hinge: hinge(logits, sign: 1, total: total)
    case .nonSaturating: try crossEntropy(logits, label: 1, total: total)
    }
  }

  /// The discriminator's loss on generated samples.
  public func ofGenerated(_ logits: Tensor, total: Int) throws(NeuralNetError) -> LossValue {
    switch self {
    case .hinge: hinge(logits, sign: -1, total: total)
    case .nonSaturating: try crossEntropy(logits, label: 0, total: total)
    }
  }

  /// The generator's loss, from the discriminator's logits of its samples.
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
