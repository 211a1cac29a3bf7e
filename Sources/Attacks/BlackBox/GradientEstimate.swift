public import Compute

/// Projected gradient descent with gradients estimated by central differences of the logit.
///
/// NES (Ilyas et al. 2018) draws directions from a normal distribution, SPSA (Spall 1992; Uesato et al. 2018) draws
/// random signs.
public struct GradientEstimate: Attack {
  public enum Directions: String, Sendable { case nes, spsa }

  public let directions: Directions
  public let norm = Norm.linf
  public let isWhiteBox = false
  public var steps: Int
  /// Pairs of queries per step.
  public var pairs: Int
  /// Distance of a pair's points from the crop.
  public var spread: Float

  public init(_ directions: Directions, steps: Int = 20, pairs: Int = 50, spread: Float = 0.01) {
    self.directions = directions
    self.steps = steps
    self.pairs = pairs
    self.spread = spread
  }

  public var id: String { directions.rawValue }

  public var iterations: Int? { steps }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let ball = NormBall(norm, radius: epsilon, around: x)
    var best = Lowest(x)
    var point = x
    for _ in 0..<steps {
      let estimate = try estimate(at: point, oracle, using: &generator)
      ball.step(&point, along: estimate.map { -truth.sign * $0 }, size: 2.5 * epsilon / Float(steps))
      ball.project(&point)
      best.offer(point, logit: try oracle.logit(of: point), truth)
      if best.isFooled(truth) { break }
    }
    return best.crop
  }

  private func estimate(
    at x: CropPixels, _ oracle: any GradientOracle, using generator: inout SeededGenerator
  ) throws -> [Float] {
    var sum = [Float](repeating: 0, count: x.values.count)
    var direction = sum
    var probe = x
    for _ in 0..<pairs {
      for i in direction.indices {
        direction[i] = directions == .nes ? generator.normal() : generator.uniform() < 0.5 ? -1 : 1
        probe.values[i] = x.values[i] + spread * direction[i]
      }
      let above = try oracle.logit(of: probe)
      for i in direction.indices { probe.values[i] = x.values[i] - spread * direction[i] }
      let slope = above - (try oracle.logit(of: probe))
      for i in sum.indices { sum[i] += slope * direction[i] }
    }
    return sum
  }
}
