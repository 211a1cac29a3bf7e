public import Compute

/// The strongest of several attacks for each crop, after AutoAttack (Croce and Hein 2020): APGD with cross-entropy, APGD
/// on the margin, FAB and Square, each with its own way to fail.
///
/// AutoAttack's second member uses the DLR loss, which three classes are needed for; with one logit the margin takes its
/// place.
public struct WorstOf: Attack {
  public let norm: Norm
  private let members: [any Attack]

  /// - Precondition: the norm is ℓ∞ or ℓ2.
  public init(_ norm: Norm = .linf, steps: Int = 50, queries: Int = 1000) {
    self.norm = norm
    members = [
      AutoPGD(norm, loss: .crossEntropy, steps: steps), AutoPGD(norm, steps: steps), FAB(norm, steps: steps),
      Square(norm, queries: queries),
    ]
  }

  public var id: String { norm == .linf ? "auto" : "auto-l2" }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let ball = NormBall(norm, radius: epsilon, around: x)
    var best = Lowest(x)
    for member in members where !best.isFooled(truth) {
      var proposal = try member.perturb(x, truth: truth, epsilon: epsilon, oracle: oracle, using: &generator)
      ball.project(&proposal)
      // As it will be judged: what rounding undoes leaves the crop to the next member.
      let rounded = ball.quantised(proposal)
      best.offer(rounded, logit: try oracle.logit(of: rounded), truth)
    }
    return best.crop
  }
}
