/// All attacks by name, with settings that are strong for their cost.
public enum AttackCatalog {
  /// - Parameters:
  ///   - steps: iterations of iterative attacks, hundreds of queries of black-box attacks; nil for each attack's default.
  ///   - restarts: random starts of PGD, Auto-PGD and FAB.
  public static func all(steps: Int? = nil, restarts: Int = 1) -> [any Attack] {
    let queries = steps.map { $0 * 100 } ?? 1000
    // Auto-PGD needs at least two steps for its step size schedule.
    let autoSteps = max(steps ?? 50, 2)
    return [
      FastGradient(.linf), ProjectedGradient.bim(steps: steps ?? 10),
      ProjectedGradient.pgd(.linf, steps: steps ?? 20, restarts: restarts),
      ProjectedGradient.momentumIterative(steps: steps ?? 10),
      AutoPGD(.linf, loss: .crossEntropy, steps: autoSteps, restarts: restarts),
      AutoPGD(.linf, steps: autoSteps, restarts: restarts), FAB(.linf, steps: steps ?? 50, restarts: restarts),
      Square(.linf, queries: queries),
      GradientEstimate(.nes, steps: steps ?? 20), GradientEstimate(.spsa, steps: steps ?? 20),
      FastGradient(.l2), ProjectedGradient.pgd(.l2, steps: steps ?? 20, restarts: restarts),
      DeepFool(steps: steps ?? 50),
      CarliniWagner(steps: steps ?? 100), DDN(steps: steps ?? 100),
      AutoPGD(.l2, steps: autoSteps, restarts: restarts),
      FAB(.l2, steps: steps ?? 50, restarts: restarts), Square(.l2, queries: queries),
      HopSkipJump(queries: 2 * queries),
      SimBA(queries: queries),
      JSMA(), SigmaZero(steps: steps ?? 200), ProjectedGradient.pgd(.l0, steps: steps ?? 40, restarts: restarts),
      SparseRS(queries: queries), FewPixels(), WorstOf(.linf, steps: autoSteps, queries: queries, restarts: restarts),
      WorstOf(.l2, steps: autoSteps, queries: queries, restarts: restarts),
      WorstOf(.l0, steps: autoSteps, queries: queries, restarts: restarts),
    ]
  }

  /// The attack with a name, for example `pgd` with ℓ2 or `pgd-l2`; nil if there is none.
  public static func attack(_ name: String, norm: Norm? = nil, steps: Int? = nil, restarts: Int = 1) -> (any Attack)? {
    let all = all(steps: steps, restarts: restarts)
    guard let norm, let named = all.first(where: { $0.id == name }), named.norm != norm else {
      return all.first { $0.id == name }
    }
    let aliases = ["fgsm-l2": "fgm"]
    let id = "\(name)-\(norm.rawValue)"
    return all.first { $0.id == aliases[id] ?? id }
  }

  public static var names: [String] { all().map(\.id) }
}
