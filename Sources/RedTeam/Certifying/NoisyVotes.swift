import Attacks
import Compute
import Models
import NeuralNet
import Scoring

/// Counts a network's decisions on noisy copies of a crop, in batches.
///
/// Used by one thread. The noise is not clipped to [0, 1], because the guarantee holds for unclipped Gaussian noise.
struct NoisyVotes {
  private static let batch = 32

  private let executor: Executor
  private let preprocessing: Preprocessing
  private let boundary: Float

  init(_ model: AttackModel) throws(NeuralNetError) {
    executor = try Executor(model.loaded.detector.network, batch: Self.batch, use: .inference)
    preprocessing = model.loaded.detector.preprocessing
    boundary = model.boundary
  }

  /// Number of copies classified as fake.
  func fakes(
    _ x: CropPixels, copies: Int, sigma: Float, using generator: inout SeededGenerator
  ) throws(NeuralNetError) -> Int {
    var fakes = 0
    try executor.forEachBatch(of: copies) { _, target in
      for i in x.values.indices {
        let value = x.values[i] + sigma * generator.normal()
        target[i] = (value - preprocessing.mean[i % 3]) / preprocessing.standardDeviation[i % 3]
      }
    } _: { _, output in
      fakes += output.values.count { $0 >= boundary }
    }
    return fakes
  }
}
