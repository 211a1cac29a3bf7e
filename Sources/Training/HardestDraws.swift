import Compute
import NeuralNet
import Runs

/// Adversarial self-blending for a kernel classifier: selects the hardest of several draws of each self-blended fake.
///
/// During network training, the network judges draws between its steps (`AdversarialBlending`). A classifier fitted in
/// closed form has no steps, so a preliminary classifier, fitted on the unaugmented crops, judges them.
struct HardestDraws {
  private let count: Int
  private let components: PrincipalComponents
  private let judge: KernelRidge

  /// - Parameters:
  ///   - count: draws per fake, at least 2.
  ///   - crops: unaugmented crops.
  ///   - components: fewer than the number of crops.
  /// - Throws: `ComputeError.lapack` when statistics are not finite.
  init(_ count: Int, of crops: CropStatistics, components: Int) throws {
    self.count = count
    self.components = try PrincipalComponents(of: crops.plain, count: components, whitening: 0.5)
    judge = try KernelRidge(self.components.components(of: crops.plain), labels: crops.labels, width: 1, ridge: 1)
  }

  /// - Returns: `[items, statistics]`; for each self-blended fake, the draw that the judge scores most real.
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

  /// Outputs of the judge, positive for fake.
  func values(_ statistics: Tensor) -> [Float] { judge.values(components.components(of: statistics)) }
}
