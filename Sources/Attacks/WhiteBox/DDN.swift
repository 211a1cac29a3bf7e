public import Compute
import Glibc

/// Decoupled direction and norm (Rony et al. 2019, algorithm 1): gradient steps on a sphere whose radius shrinks while
/// the crop is misclassified and grows otherwise.
public struct DDN: Attack {
  public let id = "ddn"
  public let norm = Norm.l2
  public let isMinimal = true
  public let usesBudget = false
  public var steps: Int
  /// Relative change of the radius per step.
  public var gamma: Float

  public init(steps: Int = 100, gamma: Float = 0.05) {
    self.steps = steps
    self.gamma = gamma
  }

  public var iterations: Int? { steps }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    var change = [Float](repeating: 0, count: x.values.count)
    var moved = x
    var radius: Float = 1
    var best = Nearest(x, .l2)
    for step in 0..<steps {
      let (logit, gradient) = try oracle.gradient(at: moved)
      let isFooled = truth.isFooled(by: logit)
      if isFooled { best.offer(moved) }
      let length = gradient.length
      guard length > 0 else { break }
      let rate = 0.01 + 0.495 * (1 + cos(Float.pi * Float(step) / Float(steps)))
      for i in change.indices { change[i] -= truth.sign * rate * gradient[i] / length }
      radius *= isFooled ? 1 - gamma : 1 + gamma
      let scale = radius / max(change.length, .leastNormalMagnitude)
      for i in change.indices {
        moved.values[i] = min(max(x.values[i] + scale * change[i], 0), 1)
        change[i] = moved.values[i] - x.values[i]
      }
    }
    if truth.isFooled(by: try oracle.logit(of: moved)) { best.offer(moved) }
    return best.crop ?? moved
  }
}

/// The misclassified crop that is nearest to the original.
struct Nearest {
  private let origin: CropPixels
  private let norm: Norm
  private(set) var crop: CropPixels?
  private(set) var distance = Float.infinity

  init(_ origin: CropPixels, _ norm: Norm) {
    self.origin = origin
    self.norm = norm
  }

  /// - Parameter x: a misclassified crop.
  mutating func offer(_ x: CropPixels) {
    let size = PerturbationSize(from: origin, to: x)[norm]
    guard size < distance else { return }
    (crop, distance) = (x, size)
  }
}
