import Attacks

/// What is run to see whether gradients are masked, beside the trials of a run.
package struct MaskingTrials: Sendable {
  static let fewSteps = 5
  static let manySteps = 50
  /// Queries in hundreds.
  private static let queries = 5

  /// The budget at which attacks are compared: the smallest of the run.
  package let epsilon: Float
  let few: AttackPlan.Trial
  let many: AttackPlan.Trial
  /// One without gradients.
  let blackBox: AttackPlan.Trial
  /// A budget under which every crop can become every other.
  let unbounded: AttackPlan.Trial

  package var all: [AttackPlan.Trial] { [few, many, blackBox, unbounded] }

  /// - Returns: nil where no attack of the run has a budget in ℓ∞.
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
