import Compute
import Decoder
import NeuralNet

/// Self-blended fakes that are hard for the detector as it is: of several draws of a crop's blending the one is shown that
/// the detector takes most for real, so that the draws' distribution follows what it has not learnt yet (after Chen et al.
/// 2022, "Self-supervised Learning of Adversarial Example", who train a network to choose them).
final class AdversarialBlending: Sendable {
  /// Draws for each fake.
  let draws: Int
  // Each worker uses its own, and `load` runs while no worker does.
  nonisolated(unsafe) private let executors: [Executor]

  /// - Parameter draws: at least 2.
  init(draws: Int, network: Network, workers: Int) throws(NeuralNetError) {
    var executors: [Executor] = []
    for _ in 0..<workers { executors.append(try Executor(network, batch: draws, use: .inference)) }
    self.executors = executors
    self.draws = draws
  }

  /// Takes over the network's present parameters.
  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    for executor in executors { try executor.load(parameters) }
  }

  /// Writes the draw with the highest loss, which is the one with the lowest logit.
  ///
  /// - Parameter write: writes the draw of that number.
  func write(
    into target: UnsafeMutableBufferPointer<Float>, worker: Int,
    _ write: (_ draw: Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(NeuralNetError) {
    let executor = executors[worker]
    let values = target.count
    let logits = try executor.infer(0..<draws, write: write).values
    let hardest = logits.indices.min { logits[$0] < logits[$1] } ?? 0
    executor.withInput { input in
      _ = target.update(fromContentsOf: input[(hardest * values)..<((hardest + 1) * values)])
    }
  }
}
