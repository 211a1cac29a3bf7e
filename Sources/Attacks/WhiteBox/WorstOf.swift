public import Compute

/// The strongest of several attacks for each crop, after AutoAttack (Croce and Hein 2020): APGD with cross-entropy, APGD
/// on the margin, FAB and Square, which have different weaknesses. For ℓ0, which AutoAttack lacks: PGD, σ-zero and
/// Sparse-RS.
///
/// AutoAttack's second member uses the DLR loss, which needs three classes; with one logit, the margin replaces it.
public struct WorstOf: Attack {
  public let norm: Norm
  public let iterations: Int?
  public let starts: Int?
  private let members: [any Attack]

  public init(_ norm: Norm = .linf, steps: Int = 50, queries: Int = 1000, restarts: Int = 1) {
    self.norm = norm
    iterations = steps
    starts = restarts
    members =
      norm == .l0
      ? [
        ProjectedGradient.pgd(.l0, steps: steps, restarts: restarts), SigmaZero(steps: 4 * steps),
        SparseRS(queries: queries),
      ]
      : [
        AutoPGD(norm, loss: .crossEntropy, steps: steps, restarts: restarts),
        AutoPGD(norm, steps: steps, restarts: restarts), FAB(norm, steps: steps, restarts: restarts),
        Square(norm, queries: queries),
      ]
  }

  public var id: String { norm == .linf ? "auto" : "auto-\(norm.rawValue)" }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let ball = NormBall(norm, radius: epsilon, around: x)
    var best = Lowest(x)
    for member in members where !best.isFooled(truth) {
      var proposal = try member.perturb(x, truth: truth, epsilon: epsilon, oracle: oracle, using: &generator)
      ball.project(&proposal)
      // Judged after rounding: if rounding undoes the perturbation, the next member attacks the crop.
      for rounded in ball.eightBit(proposal) { best.offer(rounded, logit: try oracle.logit(of: rounded), truth) }
    }
    return best.crop
  }
}
