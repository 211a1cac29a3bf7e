import Compute

/// An oracle as seen by an attack: possibly with a shifted decision boundary, with a random direction where the gradient
/// is zero, and with a record of whether the crop was ever misclassified.
///
/// A network whose units are all inactive at a crop has a zero gradient; without a random direction, it would appear
/// robust. The authors' code of DDN (Rony et al. 2019) does the same.
final class AttackView: GradientOracle {
  private let oracle: any GradientOracle
  private let truth: TrueClass
  private let shift: Float
  private var generator: SeededGenerator
  /// Whether the crop was misclassified so far; the criterion of early stopping.
  private(set) var wasFooled = false

  /// - Parameters:
  ///   - patience: logit margin required for misclassification; a large one makes attacks run to completion.
  ///   - generator: the crop's own, so that results do not depend on earlier attacks.
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
