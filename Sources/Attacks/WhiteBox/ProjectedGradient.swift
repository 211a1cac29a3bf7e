public import Compute

/// Projected gradient descent on the margin, in any norm: PGD (Madry et al. 2018); BIM (Kurakin et al. 2017) without a
/// random start; MI-FGSM (Dong et al. 2018) with momentum; for ℓ0 after Croce and Hein (2019).
public struct ProjectedGradient: Attack {
  public let id: String
  public let norm: Norm
  public var steps: Int
  /// Step size as a fraction of ε.
  public var relativeStep: Float
  /// Number of random starts; 0 starts once, at the crop itself.
  public var restarts: Int
  /// Momentum: decay of the accumulated gradient per step.
  public var momentum: Float

  public init(
    id: String, _ norm: Norm, steps: Int, relativeStep: Float, restarts: Int = 0, momentum: Float = 0
  ) {
    precondition(steps > 0 && relativeStep > 0 && restarts >= 0, "\(id): \(steps) steps of \(relativeStep) ε")
    self.id = id
    self.norm = norm
    self.steps = steps
    self.relativeStep = relativeStep
    self.restarts = restarts
    self.momentum = momentum
  }

  public static func bim(steps: Int = 10) -> ProjectedGradient {
    ProjectedGradient(id: "bim", .linf, steps: steps, relativeStep: 1 / Float(steps))
  }

  /// - Parameter steps: number of steps of 2.5 ε / `steps` (Madry et al.); ℓ0 needs larger ones.
  public static func pgd(_ norm: Norm = .linf, steps: Int = 20, restarts: Int = 1) -> ProjectedGradient {
    let ids: [Norm: String] = [.linf: "pgd", .l2: "pgd-l2", .l0: "pgd-l0"]
    return ProjectedGradient(
      id: ids[norm] ?? "pgd", norm, steps: steps, relativeStep: norm == .l0 ? 0.5 : 2.5 / Float(steps),
      restarts: restarts)
  }

  public static func momentumIterative(steps: Int = 10) -> ProjectedGradient {
    ProjectedGradient(id: "mi-fgsm", .linf, steps: steps, relativeStep: 1 / Float(steps), momentum: 1)
  }

  public var iterations: Int? { steps }
  public var starts: Int? { restarts }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let ball = NormBall(norm, radius: epsilon, around: x)
    var best = Lowest(x)
    for _ in 0..<max(restarts, 1) {
      let start = restarts > 0 ? ball.randomPoint(using: &generator) : x
      try descend(from: start, truth: truth, ball: ball, oracle: oracle, best: &best)
      if best.isFooled(truth) { break }
    }
    return best.crop
  }

  private func descend(
    from start: CropPixels, truth: TrueClass, ball: NormBall, oracle: any GradientOracle, best: inout Lowest
  ) throws {
    var x = start
    var kept = [Float](repeating: 0, count: x.values.count)
    for _ in 0..<steps {
      let (logit, gradient) = try oracle.gradient(at: x)
      best.offer(x, logit: logit, truth)
      if best.isFooled(truth) { return }
      // Normalised by the mean absolute value (Dong et al., equation 6).
      let mean = gradient.reduce(0) { $0 + abs($1) } / Float(gradient.count)
      guard mean > 0 else { return }
      for i in kept.indices { kept[i] = momentum * kept[i] - truth.sign * gradient[i] / mean }
      ball.step(&x, along: kept, size: relativeStep * stepUnit(ball))
      ball.project(&x)
    }
    best.offer(x, logit: try oracle.logit(of: x), truth)
  }

  /// Step size for a fraction of 1: ε, or for ℓ0, whose steps are in ℓ1, a change of its pixels by 1.
  private func stepUnit(_ ball: NormBall) -> Float {
    norm == .l0 ? 3 * ball.radius * 4 : ball.radius
  }
}

/// The crop with the lowest margin so far.
struct Lowest {
  private(set) var crop: CropPixels
  private(set) var logit: Float?

  init(_ start: CropPixels) { crop = start }

  mutating func offer(_ x: CropPixels, logit: Float, _ truth: TrueClass) {
    if let known = self.logit, truth.margin(known) <= truth.margin(logit) { return }
    (crop, self.logit) = (x, logit)
  }

  func isFooled(_ truth: TrueClass) -> Bool { logit.map(truth.isFooled) ?? false }
}
