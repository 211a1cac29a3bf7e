/// All attacks by their names, with settings that are strong for their cost.
public enum AttackCatalog {
  /// - Parameter steps: of iterated attacks, or queries in hundreds of those without gradients; nil for each one's own.
  public static func all(steps: Int? = nil) -> [any Attack] {
    let queries = steps.map { $0 * 100 } ?? 1000
    return [
      FastGradient(.linf), ProjectedGradient.bim(steps: steps ?? 10), ProjectedGradient.pgd(.linf, steps: steps ?? 20),
      ProjectedGradient.momentumIterative(steps: steps ?? 10), AutoPGD(.linf, loss: .crossEntropy, steps: steps ?? 50),
      AutoPGD(.linf, steps: steps ?? 50), FAB(.linf, steps: steps ?? 50), Square(.linf, queries: queries),
      GradientEstimate(.nes, steps: steps ?? 20), GradientEstimate(.spsa, steps: steps ?? 20),
      FastGradient(.l2), ProjectedGradient.pgd(.l2, steps: steps ?? 20), DeepFool(steps: steps ?? 50),
      CarliniWagner(steps: steps ?? 100), DDN(steps: steps ?? 100), AutoPGD(.l2, steps: steps ?? 50),
      FAB(.l2, steps: steps ?? 50), Square(.l2, queries: queries), HopSkipJump(queries: 2 * queries),
      SimBA(queries: queries),
      JSMA(), SigmaZero(steps: steps ?? 200), ProjectedGradient.pgd(.l0, steps: steps ?? 40),
      SparseRS(queries: queries), FewPixels(), WorstOf(.linf, steps: steps ?? 50, queries: queries),
      WorstOf(.l2, steps: steps ?? 50, queries: queries), WorstOf(.l0, steps: steps ?? 50, queries: queries),
    ]
  }

  /// The attack of a name, for example `pgd` with ℓ2 or `pgd-l2`; nil when there is none.
  public static func attack(_ name: String, norm: Norm? = nil, steps: Int? = nil) -> (any Attack)? {
    let all = all(steps: steps)
    guard let norm, let named = all.first(where: { $0.id == name }), named.norm != norm else {
      return all.first { $0.id == name }
    }
    let aliases = ["fgsm-l2": "fgm"]
    let id = "\(name)-\(norm.rawValue)"
    return all.first { $0.id == aliases[id] ?? id }
  }

  public static var names: [String] { all().map(\.id) }
}
