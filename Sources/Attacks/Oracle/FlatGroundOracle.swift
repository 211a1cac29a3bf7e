import Compute

/// An oracle that answers with a random direction where its detector's gradient is zero.
///
/// A network whose units are all off at a crop tells an attack nothing of where to go; staying there would make it look
/// robust. So does DDN (Rony et al. 2019) in its authors' code.
final class FlatGroundOracle: GradientOracle {
  private let oracle: any GradientOracle
  private var generator: SeededGenerator

  /// - Parameter generator: the crop's own, so that results do not depend on what was attacked before.
  init(_ oracle: any GradientOracle, _ generator: SeededGenerator) {
    self.oracle = oracle
    self.generator = generator
  }

  var queries: Int { oracle.queries }
  var gradients: Int { oracle.gradients }

  func logit(of x: CropPixels) throws -> Float { try oracle.logit(of: x) }

  func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float]) {
    var (logit, gradient) = try oracle.gradient(at: x)
    guard gradient.allSatisfy({ $0 == 0 }) else { return (logit, gradient) }
    for i in gradient.indices { gradient[i] = generator.normal() }
    let length = max(gradient.length, .leastNormalMagnitude)
    for i in gradient.indices { gradient[i] /= length }
    return (logit, gradient)
  }
}
