public import Compute
import Glibc

/// Auto-PGD (Croce and Hein 2020, algorithm 1): projected gradient with momentum; when progress stalls, halves the step
/// and restarts from the best point.
///
/// With a single logit, cross-entropy is a decreasing function of the margin, and their gradients are parallel. The
/// losses differ only where the cross-entropy's gradient underflows, so the margin is the default.
public struct AutoPGD: Attack {
  public enum Loss: String, Sendable { case margin, crossEntropy }

  public let norm: Norm
  public let loss: Loss
  public var steps: Int
  public var restarts: Int

  /// - Precondition: the norm is ℓ∞ or ℓ2.
  public init(_ norm: Norm = .linf, loss: Loss = .margin, steps: Int = 100, restarts: Int = 1) {
    precondition(norm != .l0, "Auto-PGD is for ℓ∞ and ℓ2")
    precondition(steps > 1 && restarts > 0, "\(steps) steps, \(restarts) restarts")
    self.norm = norm
    self.loss = loss
    self.steps = steps
    self.restarts = restarts
  }

  public var id: String { (loss == .margin ? "apgd" : "apgd-ce") + (norm == .l2 ? "-l2" : "") }

  public var iterations: Int? { steps }
  public var starts: Int? { restarts }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let ball = NormBall(norm, radius: epsilon, around: x)
    var best = Lowest(x)
    for _ in 0..<restarts {
      let start = startingPoint(ball, using: &generator)
      let found = try descend(from: start, truth: truth, ball: ball, oracle: oracle)
      if let logit = found.logit { best.offer(found.crop, logit: logit, truth) }
      if best.isFooled(truth) { break }
    }
    return best.crop
  }

  /// On the boundary of the ball in a random direction, as in AutoAttack.
  private func startingPoint(_ ball: NormBall, using generator: inout SeededGenerator) -> CropPixels {
    var x = ball.origin
    let direction = x.values.map { _ in norm == .linf ? 2 * generator.uniform() - 1 : generator.normal() }
    let size = norm == .linf ? direction.reduce(0) { max($0, abs($1)) } : direction.length
    for i in x.values.indices { x.values[i] += ball.radius * direction[i] / max(size, .leastNormalMagnitude) }
    ball.project(&x)
    return x
  }

  private func descend(
    from start: CropPixels, truth: TrueClass, ball: NormBall, oracle: any GradientOracle
  ) throws -> Lowest {
    var x = start
    var (logit, gradient) = try oracle.gradient(at: x)
    var best = Lowest(x)
    best.offer(x, logit: logit, truth)
    var bestGradient = gradient
    var previous = x
    var schedule = StepSchedule(steps: steps, first: 2 * ball.radius)
    for step in 0..<steps where !best.isFooled(truth) {
      // Equations 1 and 2: three quarters of the projected step plus a quarter of the previous move.
      let pull: Float = step == 0 ? 1 : 0.75
      var z = x
      ball.step(&z, along: descent(gradient, logit, truth), size: schedule.size)
      ball.project(&z)
      var next = x
      for i in next.values.indices {
        next.values[i] += pull * (z.values[i] - x.values[i]) + (1 - pull) * (x.values[i] - previous.values[i])
      }
      ball.project(&next)
      previous = x
      x = next
      let before = value(logit, truth)
      (logit, gradient) = try oracle.gradient(at: x)
      let known = best.logit
      best.offer(x, logit: logit, truth)
      if best.logit != known { bestGradient = gradient }
      let bestValue = value(best.logit ?? logit, truth)
      if schedule.record(improved: value(logit, truth) > before, best: bestValue, step: step) {
        x = best.crop
        previous = x
        logit = best.logit ?? logit
        gradient = bestGradient
      }
    }
    return best
  }

  /// The loss to maximise.
  private func value(_ logit: Float, _ truth: TrueClass) -> Float {
    let margin = truth.margin(logit)
    return loss == .margin ? -margin : max(-margin, 0) + log1p(exp(-abs(margin)))
  }

  private func descent(_ gradient: [Float], _ logit: Float, _ truth: TrueClass) -> [Float] {
    let weight = loss == .margin ? 1 : 1 / (1 + exp(truth.margin(logit)))
    return gradient.map { -truth.sign * weight * $0 }
  }
}

/// Checkpoints at which Auto-PGD decides on halving its step (section 3.1).
private struct StepSchedule {
  private(set) var size: Float
  private let checkpoints: Set<Int>
  private var lastCheckpoint = 0
  private var improvements = 0
  private var bestAtCheckpoint = -Float.infinity
  private var wasHalved = false

  init(steps: Int, first: Float) {
    size = first
    var points: Set<Int> = []
    var (fraction, last) = (0.22, 0.0)
    var at = fraction
    while at < 1 {
      points.insert(Int((at * Double(steps)).rounded(.up)))
      let gap = max(at - last - 0.03, 0.06)
      (last, at) = (at, at + gap)
      fraction = gap
    }
    checkpoints = points
  }

  /// - Returns: whether to return to the best point with half the step.
  mutating func record(improved: Bool, best: Float, step: Int) -> Bool {
    if improved { improvements += 1 }
    guard checkpoints.contains(step + 1) else { return false }
    let length = step + 1 - lastCheckpoint
    let isSlow = Double(improvements) < 0.75 * Double(length)
    let isStuck = !wasHalved && best <= bestAtCheckpoint
    defer {
      lastCheckpoint = step + 1
      improvements = 0
      bestAtCheckpoint = best
    }
    wasHalved = isSlow || isStuck
    if wasHalved { size /= 2 }
    return wasHalved
  }
}
