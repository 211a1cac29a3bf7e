public import Compute

/// DeepFool in ℓ2 (Moosavi-Dezfooli et al. 2016, algorithm 1): repeatedly steps onto the linearised boundary, then
/// overshoots slightly.
public struct DeepFool: Attack {
  public let id = "deepfool"
  public let norm = Norm.l2
  public let isMinimal = true
  public let usesBudget = false
  public var steps: Int
  /// Overshoot as a fraction of the perturbation.
  public var overshoot: Float

  public init(steps: Int = 50, overshoot: Float = 0.02) {
    self.steps = steps
    self.overshoot = overshoot
  }

  public var iterations: Int? { steps }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    var sum = [Float](repeating: 0, count: x.values.count)
    var moved = x
    for _ in 0..<steps {
      let (logit, gradient) = try oracle.gradient(at: moved)
      if truth.isFooled(by: logit) { break }
      let squares = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
      guard squares > 0 else { break }
      // Slightly beyond the boundary, because a logit of 0 still means fake.
      let way = -truth.sign * (abs(logit) + 1e-4) / Float(squares)
      for i in sum.indices { sum[i] += way * gradient[i] }
      for i in sum.indices { moved.values[i] = min(max(x.values[i] + (1 + overshoot) * sum[i], 0), 1) }
    }
    return moved
  }
}
