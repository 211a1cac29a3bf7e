import Compute
import Models
import NeuralNet
import Testing

/// Two executors of different batches give the same finite logits.
func expectStableInference(_ design: any NetworkDesign) throws {
  let network = small(design).network(seed: 3)
  let x = randomInput(network, batch: 3)
  let first = try Executor(network, batch: 3, use: .inference).infer(x)
  let second = try Executor(network, batch: 3, use: .inference).infer(x)
  #expect(first == second)
  #expect(first.isFinite && first.shape == [3, 1])
  let alone = try Executor(network, batch: 1, use: .inference).infer(x.rows(1..<2))
  #expect(abs(alone[0] - first[1]) <= 1e-3 * max(1, abs(first[1])), "\(alone[0]) alone, \(first[1]) among others")
  #expect(first[0] != first[1])
}

/// The loss of a batch is lower after one step on it.
///
/// The learning rate is small and there is no dropout, so that a correct gradient cannot raise the loss.
func expectStepLowersLoss(_ design: any NetworkDesign) throws {
  let network = small(design).network(seed: 3).withoutDropout
  let x = randomInput(network, batch: 4)
  let labels: [Float] = [0, 1, 1, 0]
  let trainer = try DataParallelTrainer(network, batch: 4, workers: 1, seed: 1)
  func step() throws -> Float {
    try trainer.step(labels: labels, learningRate: 1e-4) { samples, input in
      _ = input.update(fromContentsOf: x.values)
    }.loss
  }
  let before = try step()
  let after = try step()
  #expect(after < before, "\(before) became \(after)")
}

private func small(_ design: any NetworkDesign) -> any NetworkDesign {
  var design = design
  design.inputSize = 64
  return design
}

private func randomInput(_ network: Network, batch: Int) -> Tensor {
  var generator = SeededGenerator(seed: 9)
  return .normal(Shape([batch] + network.inputShape.extents), using: &generator)
}

extension Network {
  /// The network with dropout that drops nothing.
  fileprivate var withoutDropout: Network {
    var network = self
    for (index, node) in network.nodes.enumerated() {
      if case .dropout = node.operation { network.nodes[index].operation = .dropout(rate: 0) }
    }
    return network
  }
}
