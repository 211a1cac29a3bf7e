import Glibc

/// Turns logits into probabilities by Platt scaling: `P(fake) = sigmoid(scale · logit + offset)`.
///
/// J. Platt, "Probabilistic outputs for support vector machines", 1999; fitted on validation data by whoever trained
/// the model.
public struct Calibration: Sendable, Hashable, Codable {
  public let scale: Double
  public let offset: Double

  /// The plain sigmoid.
  public static let identity = Calibration(scale: 1, offset: 0)

  /// - Precondition: both are finite and `scale` is positive: a calibration must not turn the order around.
  public init(scale: Double, offset: Double) {
    precondition(scale.isFinite && scale > 0 && offset.isFinite, "calibration \(scale), \(offset) has no meaning")
    self.scale = scale
    self.offset = offset
  }

  /// P(fake), 0…1, rounded as it is recorded.
  public func score(logit: Double) -> Double {
    let x = scale * logit + offset
    // Each branch keeps the exponential from overflowing.
    let probability = x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    return probability.manifestRounded
  }
}
