package import Attacks
import Models
import Verdicts

/// How much a detector's answers for a crop differ under small random changes.
///
/// A perturbation that was fitted to the pixels as they are loses much of its effect when they change a little, which
/// footage as it comes does not (after Xu, Evans and Qi 2018, and Xie et al. 2018).
package struct DisagreementMeter {
  /// Random ones are drawn anew for each time that they stand here.
  private static let changes: [any InputDefence] = [
    GaussianNoise(levels: 3), GaussianNoise(levels: 3), RandomResize(least: 92), RandomResize(least: 92),
    JPEGDefence(quality: 80), MedianFilter(side: 3),
  ]
  package static var names: [String] { changes.map(\.name) }

  private static let seed: UInt64 = 7

  private let oracle: any GradientOracle
  /// From logits to log-odds.
  private let scale: Double

  /// - Parameter model: with the defence that it is used behind.
  package init(_ model: AttackModel) throws {
    oracle = try model.oracle()
    scale = model.loaded.detector.calibration.scale
  }

  /// Mean distance of the log-odds of the changed crops from those of the crop itself.
  package func measure(_ x: CropPixels) throws -> Double {
    let own = try oracle.logit(of: x)
    var sum = 0.0
    for (draw, change) in Self.changes.enumerated() {
      sum += Double(abs(try oracle.logit(of: change.defended(x, seed: Self.seed, draw: draw).crop) - own))
    }
    return scale * sum / Double(Self.changes.count)
  }
}
