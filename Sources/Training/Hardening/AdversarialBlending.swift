import Compute
import Decoder
import NeuralNet

/// Self-blended fakes that are hard for the current classifier: of several draws of a crop's blending, training uses
/// the one that the classifier scores most real, so that fakes concentrate on its weaknesses (after Chen et al. 2022,
/// "Self-supervised Learning of Adversarial Example", who train a network to choose them).
final class AdversarialBlending: Sendable {
  /// Draws per fake.
  let draws: Int
  // Each worker uses only its own executor, and `load` runs while no worker does.
  nonisolated(unsafe) private let executors: [Executor]

  /// - Parameter draws: at least 2.
  init(draws: Int, network: Network, workers: Int) throws(NeuralNetError) {
    var executors: [Executor] = []
    for _ in 0..<workers { executors.append(try Executor(network, batch: draws, use: .inference)) }
    self.executors = executors
    self.draws = draws
  }

  /// Loads the network's current parameters.
  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    for executor in executors { try executor.load(parameters) }
  }

  /// Writes the draw with the highest loss, which is the one with the lowest logit.
  ///
  /// - Parameter write: writes the draw with the given number.
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
