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
  /// Whether the face detector finds the face; nil where it was not asked.
  public var sighting: FaceSighting?

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

/// Whether a face detector finds the face of a crop before and after an attack.
public struct FaceSighting: Sendable, Hashable, Codable {
  public var before: Bool
  public var after: Bool

  public init(before: Bool, after: Bool) {
    self.before = before
    self.after = after
  }
}
