public import Compute
import Glibc

/// TRADES (Zhang et al. 2019, equation 5): cross-entropy of clean samples, and β times the Kullback–Leibler divergence
/// between the predictions for them and for their perturbed copies.
///
/// A worker's samples are clean ones followed by their perturbed copies in the same order, with the same labels.
public struct TradesLoss: TrainingLoss {
  /// Weight of the divergence relative to the cross-entropy.
  public var beta: Float
  public var labelSmoothing: Float

  /// - Precondition: `beta` is not negative.
  public init(beta: Float = 6, labelSmoothing: Float = 0) {
    precondition(beta >= 0, "a β of \(beta)")
    self.beta = beta
    self.labelSmoothing = labelSmoothing
  }

  public func value(
    _ logits: Tensor, labels: [Float], weights: [Float]?, totalWeight: Float
  ) throws(NeuralNetError) -> LossValue {
    guard logits.count % 2 == 0, logits.count == labels.count else {
      throw .input("\(logits.count) logits are not clean ones and their perturbed copies, with \(labels.count) labels")
    }
    let half = logits.count / 2
    // The whole batch's weight counts every sample twice.
    let total = Double(totalWeight) / 2
    var sum = 0.0
    var gradient = Tensor(logits.shape)
    for i in 0..<half {
      let (clean, moved) = (Double(logits[i]), Double(logits[half + i]))
      let (p, q) = (1 / (1 + exp(-clean)), 1 / (1 + exp(-moved)))
      let label = Double(labels[i] * (1 - labelSmoothing) + labelSmoothing / 2)
      let weight = Double(weights?[i] ?? 1) / total
      let penalty = weight * Double(beta)
      sum += weight * (softplus(clean) - label * clean)
      // p · log(p / q) + (1 - p) · log((1 - p) / (1 - q)), in logits.
      sum += penalty * (p * (clean - moved) + softplus(moved) - softplus(clean))
      gradient[i] = Float(weight * (p - label) + penalty * p * (1 - p) * (clean - moved))
      gradient[half + i] = Float(penalty * (q - p))
    }
    return LossValue(value: Float(sum), gradient: gradient)
  }

  /// log(1 + eˣ), without overflow.
  private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}
