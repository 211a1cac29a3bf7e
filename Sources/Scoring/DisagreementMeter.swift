package import Attacks
import Models
import Verdicts

/// How much a classifier's outputs for a crop vary under small random changes.
///
/// An adversarial perturbation is fitted to the exact pixels and loses much of its effect under small changes; natural
/// footage does not (after Xu, Evans and Qi 2018, and Xie et al. 2018).
package struct DisagreementMeter {
  /// Each random entry gets its own draw.
  private static let changes: [any InputDefence] = [
    GaussianNoise(levels: 3), GaussianNoise(levels: 3), RandomResize(least: 92), RandomResize(least: 92),
    JPEGDefence(quality: 80), MedianFilter(side: 3),
  ]
  package static var names: [String] { changes.map(\.name) }

  private static let seed: UInt64 = 7

  private let oracle: any GradientOracle
  /// Factor from logits to log-odds.
  private let scale: Double

  /// - Parameter model: model with the defence in use.
  package init(_ model: AttackModel) throws {
    oracle = try model.oracle()
    scale = model.loaded.detector.calibration.scale
  }

  /// Mean absolute difference between the log-odds of the changed crops and of the crop itself.
  package func measure(_ x: CropPixels) throws -> Double {
    let own = try oracle.logit(of: x)
    var sum = 0.0
    for (draw, change) in Self.changes.enumerated() {
      sum += Double(abs(try oracle.logit(of: change.defended(x, seed: Self.seed, draw: draw).crop) - own))
    }
    return scale * sum / Double(Self.changes.count)
  }
}
