import Attacks

/// Additional trials for detecting gradient masking.
package struct MaskingTrials: Sendable {
  static let fewSteps = 5
  static let manySteps = 50
  /// In hundreds of queries.
  private static let queries = 5

  /// Budget for comparing attacks: the smallest of the run.
  package let epsilon: Float
  let few: AttackPlan.Trial
  let many: AttackPlan.Trial
  /// A black-box attack.
  let blackBox: AttackPlan.Trial
  /// A budget large enough to turn any crop into any other.
  let unbounded: AttackPlan.Trial

  package var all: [AttackPlan.Trial] { [few, many, blackBox, unbounded] }

  /// - Returns: nil if no attack of the run has an ℓ∞ budget.
  init?(beside trials: [AttackPlan.Trial]) {
    let budgets = trials.filter { $0.norm == .linf }.compactMap(\.epsilon).filter { $0 > 0 }
    guard let epsilon = budgets.min() else { return nil }
    self.epsilon = epsilon
    func trial(_ attack: String, _ epsilon: Float, _ steps: Int) -> AttackPlan.Trial {
      AttackPlan.Trial(attack: attack, norm: .linf, epsilon: epsilon, steps: steps)
    }
    few = trial("pgd", epsilon, Self.fewSteps)
    many = trial("pgd", epsilon, Self.manySteps)
    blackBox = trial("square", epsilon, Self.queries)
    unbounded = trial("pgd", 1, Self.manySteps)
  }
}
