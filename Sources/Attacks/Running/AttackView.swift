import Compute

/// An oracle as an attack sees it: with its boundary perhaps moved away, with a random direction where its detector's
/// gradient is zero, and with a memory of whether it was ever fooled.
///
/// A network whose units are all off at a crop tells an attack nothing of where to go; staying there would make it look
/// robust. So does DDN (Rony et al. 2019) in its authors' code.
final class AttackView: GradientOracle {
  private let oracle: any GradientOracle
  private let truth: TrueClass
  private let shift: Float
  private var generator: SeededGenerator
  /// Whether an answer so far was wrong, by which attacks end early.
  private(set) var wasFooled = false

  /// - Parameters:
  ///   - patience: logits beyond the boundary that a wrong answer needs: by far the wrong side only, so that attacks go on
  ///     to their end.
  ///   - generator: the crop's own, so that results do not depend on what was attacked before.
  init(_ oracle: any GradientOracle, truth: TrueClass, patience: Float = 0, _ generator: SeededGenerator) {
    self.oracle = oracle
    self.truth = truth
    shift = truth.sign * patience
    self.generator = generator
  }

  var queries: Int { oracle.queries }
  var gradients: Int { oracle.gradients }

  func logit(of x: CropPixels) throws -> Float { noted(try oracle.logit(of: x)) }

  func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float]) {
    var (logit, gradient) = try oracle.gradient(at: x)
    logit = noted(logit)
    guard gradient.allSatisfy({ $0 == 0 }) else { return (logit, gradient) }
    for i in gradient.indices { gradient[i] = generator.normal() }
    let length = max(gradient.length, .leastNormalMagnitude)
    for i in gradient.indices { gradient[i] /= length }
    return (logit, gradient)
  }

  private func noted(_ logit: Float) -> Float {
    let seen = logit + shift
    if truth.isFooled(by: seen) { wasFooled = true }
    return seen
  }
}
