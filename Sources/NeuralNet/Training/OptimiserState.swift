public import Compute

/// What an optimiser remembers between steps, as a checkpoint holds it.
public struct OptimiserState: Sendable {
  /// Steps done.
  public var step = 0
  /// Running means of the gradients, by parameter; the velocity of gradient descent with momentum.
  public var mean: [String: Tensor] = [:]
  /// Running means of the gradients' squares; empty where the rule needs none.
  public var square: [String: Tensor] = [:]

  public init() {}
}
