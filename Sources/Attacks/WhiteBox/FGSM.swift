public import Compute

/// Fast gradient method: one step to the edge of the ball along the gradient of the loss, its sign for ℓ∞
/// (Goodfellow et al. 2015, §4).
public struct FastGradient: Attack {
  public let norm: Norm
  public var id: String { norm == .linf ? "fgsm" : "fgm" }

  /// - Precondition: the norm is ℓ∞ or ℓ2.
  public init(_ norm: Norm = .linf) {
    precondition(norm != .l0, "the fast gradient method does not support ℓ0")
    self.norm = norm
  }

  public var iterations: Int? { 1 }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let ball = NormBall(norm, radius: epsilon, around: x)
    var moved = x
    let gradient = try oracle.gradient(at: x).gradient
    ball.step(&moved, along: gradient.map { -truth.sign * $0 }, size: epsilon)
    ball.project(&moved)
    return moved
  }
}
