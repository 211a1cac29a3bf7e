public import Compute

/// Fast adaptive boundary attack (Croce and Hein 2020): steps onto the linearised boundary, combined with the projection
/// of the original crop onto it, which keeps the perturbation small.
public struct FAB: Attack {
  public let norm: Norm
  public let isMinimal = true
  public var steps: Int
  public var restarts: Int
  /// The paper's α, η and β: maximum weight of the original's projection, overshoot factor, and backward step.
  private let pullLimit: Float = 0.1
  private let overshoot: Float = 1.05
  private let wayBack: Float = 0.9

  /// - Precondition: the norm is ℓ∞ or ℓ2.
  public init(_ norm: Norm = .linf, steps: Int = 50, restarts: Int = 1) {
    precondition(norm != .l0, "FAB is for ℓ∞ and ℓ2")
    self.norm = norm
    self.steps = steps
    self.restarts = restarts
  }

  public var id: String { norm == .linf ? "fab" : "fab-l2" }

  /// Restarts begin inside the ball.
  public var usesBudget: Bool { restarts > 1 }
  public var iterations: Int? { steps }
  public var starts: Int? { restarts }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    var best = Nearest(x, norm)
    for restart in 0..<restarts {
      var point = x
      if restart > 0 {
        let radius = min(best.distance, epsilon) / 2
        guard radius < .infinity else { break }
        point = NormBall(norm, radius: radius, around: x).randomPoint(using: &generator)
      }
      try search(from: point, x, truth: truth, oracle: oracle, best: &best)
    }
    return best.crop ?? x
  }

  private func search(
    from start: CropPixels, _ x: CropPixels, truth: TrueClass, oracle: any GradientOracle, best: inout Nearest
  ) throws {
    var point = start
    for _ in 0..<steps {
      let (logit, gradient) = try oracle.gradient(at: point)
      if truth.isFooled(by: logit) {
        best.offer(point)
        for i in point.values.indices {
          point.values[i] = (1 - wayBack) * x.values[i] + wayBack * point.values[i]
        }
        continue
      }
      let plane = BoundaryPlane(through: point, logit: logit, gradient: gradient, truth)
      guard let fromPoint = plane.shortestWay(from: point, norm), let fromCrop = plane.shortestWay(from: x, norm) else {
        return
      }
      let (a, b) = (size(fromPoint), size(fromCrop))
      let pull = a + b > 0 ? min(a / (a + b), pullLimit) : 0
      for i in point.values.indices {
        let own = point.values[i] + overshoot * fromPoint[i]
        let crop = x.values[i] + overshoot * fromCrop[i]
        point.values[i] = min(max((1 - pull) * own + pull * crop, 0), 1)
      }
    }
    if truth.isFooled(by: try oracle.logit(of: point)) { best.offer(point) }
  }

  private func size(_ way: [Float]) -> Float {
    norm == .linf ? way.reduce(0) { max($0, abs($1)) } : way.length
  }
}

/// The linearised decision boundary.
struct BoundaryPlane {
  /// The margin's gradient, and its value at pixel values of 0.
  private let slope: [Float]
  private let offset: Double

  init(through point: CropPixels, logit: Float, gradient: [Float], _ truth: TrueClass) {
    slope = gradient.map { truth.sign * $0 }
    var product = 0.0
    for i in slope.indices { product += Double(slope[i]) * Double(point.values[i]) }
    offset = Double(truth.margin(logit)) - product
  }

  /// The smallest change of `x` within [0, 1] that reaches the plane, or the nearest point that the box allows; nil if the
  /// gradient is zero.
  func shortestWay(from x: CropPixels, _ norm: Norm) -> [Float]? {
    var margin = offset
    for i in slope.indices { margin += Double(slope[i]) * Double(x.values[i]) }
    // Room of each value in the direction towards the plane.
    let sign: Float = margin > 0 ? -1 : 1
    let room = slope.indices.map { slope[$0] * sign > 0 ? 1 - x.values[$0] : x.values[$0] }
    func gained(_ length: Float) -> Double {
      var sum = 0.0
      for i in slope.indices { sum += Double(abs(slope[i]) * min(reach(i, length, norm), room[i])) }
      return sum
    }
    guard let steepest = slope.map({ abs($0) }).max(), steepest > 0 else { return nil }
    // For ℓ∞ every value moves by `length`; for ℓ2 by `length` times its gradient.
    var (low, high): (Float, Float) = (0, norm == .linf ? 1 : 1 / steepest)
    if norm == .l2 { for _ in 0..<60 where gained(high) < abs(margin) { high *= 2 } }
    for _ in 0..<30 {
      let middle = (low + high) / 2
      if gained(middle) < abs(margin) { low = middle } else { high = middle }
    }
    return slope.indices.map { i in
      let way = min(reach(i, high, norm), room[i])
      return slope[i] * sign > 0 ? way : slope[i] == 0 ? 0 : -way
    }
  }

  private func reach(_ i: Int, _ length: Float, _ norm: Norm) -> Float {
    norm == .linf ? (slope[i] == 0 ? 0 : length) : length * abs(slope[i])
  }
}
