/// What became of one crop under attack.
public struct AttackOutcome: Sendable, Codable {
  /// Before the attack; from 0 on the answer is "fake".
  public var cleanLogit: Float
  /// Of the perturbed crop with 8-bit values.
  public var perturbedLogit: Float
  /// Whether the answer was right before; an attack on a wrong one is no success.
  public var wasRight: Bool
  /// Right before, wrong now, within the budget.
  public var isSuccess: Bool
  /// Of the 8-bit perturbation.
  public var size: PerturbationSize
  public var queries: Int
  public var gradients: Int
  /// How much the detector's answers for the perturbed crop differ under small changes; nil where nobody looked.
  public var disagreement: Double?

  public init(
    cleanLogit: Float, perturbedLogit: Float, wasRight: Bool, isSuccess: Bool, size: PerturbationSize, queries: Int,
    gradients: Int
  ) {
    self.cleanLogit = cleanLogit
    self.perturbedLogit = perturbedLogit
    self.wasRight = wasRight
    self.isSuccess = isSuccess
    self.size = size
    self.queries = queries
    self.gradients = gradients
  }
}
