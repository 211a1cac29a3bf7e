import Compute
import NeuralNet
import Runs

/// Adversarial self-blending for a kernel classifier: of several draws of each self-blended fake, the one that is hardest.
///
/// A network in training judges draws between its steps (`AdversarialBlending`). A classifier that is solved for has no
/// steps, so that a first one judges, which knows the crops as they are and no copies.
struct HardestDraws {
  private let count: Int
  private let components: PrincipalComponents
  private let judge: KernelRidge

  /// - Parameters:
  ///   - count: draws of each fake, at least 2.
  ///   - crops: as they are.
  ///   - components: fewer than crops.
  /// - Throws: `ComputeError.lapack` when statistics are not finite.
  init(_ count: Int, of crops: CropStatistics, components: Int) throws {
    self.count = count
    self.components = try PrincipalComponents(of: crops.plain, count: components, whitening: 0.5)
    judge = try KernelRidge(self.components.components(of: crops.plain), labels: crops.labels, width: 1, ridge: 1)
  }

  /// - Returns: `[items, statistics]`; of each self-blended fake those of the draw that the judge takes most for real.
  func statistics(
    _ items: [StatisticsMeasure.Item], _ measure: StatisticsMeasure, progress: ProgressLine
  ) throws -> Tensor {
    var rows = try measure.statistics(items, progress: progress)
    let blended = items.indices.filter { measure.isSelfBlended(items[$0]) }
    guard !blended.isEmpty else { return rows }
    let width = rows.shape[1]
    var best = rows.withFloats { all in
      Tensor([blended.count, width], blended.flatMap { all[($0 * width)..<(($0 + 1) * width)] })
    }
    var least = values(best)
    for variant in 1..<count {
      let drawn = try measure.statistics(blended.map { items[$0].drawn(variant) }, progress: progress)
      let found = values(drawn)
      drawn.withFloats { drawn in
        best.withMutableFloats { best in
          for place in blended.indices where found[place] < least[place] {
            least[place] = found[place]
            for index in (place * width)..<((place + 1) * width) { best[index] = drawn[index] }
          }
        }
      }
    }
    best.withFloats { best in
      rows.withMutableFloats { rows in
        for (place, row) in blended.enumerated() {
          for index in 0..<width { rows[row * width + index] = best[place * width + index] }
        }
      }
    }
    return rows
  }

  /// What the judge says, positive for fake.
  func values(_ statistics: Tensor) -> [Float] { judge.values(components.components(of: statistics)) }
}
