import Compute
import Foundation
import Models
import NeuralNet

/// Perturbs training crops in ℓ∞ against the current network with its running statistics. Randomness depends on the
/// step and the crop's index in the batch, not on the number of workers.
final class AdversarialExamples: Sendable {
  private let options: HardeningOptions
  /// Per channel in network units: one unit of the [0, 1] pixel scale, black and white.
  private let unit: [Float]
  private let black: [Float]
  private let white: [Float]
  private let seed: UInt64
  // Each worker uses only its own executor, and `load` runs while no worker does.
  nonisolated(unsafe) private let executors: [Executor]

  /// - Parameter batch: crops per step, divided equally among the workers.
  init(
    _ options: HardeningOptions, network: Network, preprocessing: Preprocessing, batch: Int, workers: Int, seed: UInt64
  ) throws(NeuralNetError) {
    self.options = options
    self.seed = seed
    unit = preprocessing.standardDeviation.map { 1 / $0 }
    black = zip(preprocessing.mean, preprocessing.standardDeviation).map { -$0 / $1 }
    white = zip(preprocessing.mean, preprocessing.standardDeviation).map { (1 - $0) / $1 }
    var executors: [Executor] = []
    for _ in 0..<workers { executors.append(try Executor(network, batch: batch / workers, use: .inputGradient)) }
    self.executors = executors
  }

  /// Loads the network's current parameters.
  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    for executor in executors { try executor.load(parameters) }
  }

  /// Releases the parameters, so that the optimiser can update them in place.
  func release() {
    for executor in executors { executor.releaseParameters() }
  }

  /// Perturbs crops in place.
  ///
  /// - Parameters:
  ///   - input: `[count, H, W, C]` in network units.
  ///   - labels: labels of the crops.
  ///   - first: index of the first crop in the batch.
  ///   - epsilon: budget on the [0, 1] pixel scale.
  func perturb(
    _ input: UnsafeMutableBufferPointer<Float>, labels: [Float], worker: Int, step: Int, first: Int, epsilon: Float
  ) throws {
    guard epsilon > 0 else { return }
    let executor = executors[worker]
    let clean = Array(input)
    if options.method == .noise {
      // Same noise as randomised smoothing: not clipped to the pixel range.
      move(input, crops: labels.count, step: step, first: first, by: epsilon) { $0.normal() }
      return
    }
    var targets = labels
    if options.method == .trades {
      // Moves away from the network's output on the clean crop, regardless of the label.
      executor.withInput { copy(input, into: $0) }
      targets = try executor.infer(count: labels.count).values.map { 1 / (1 + exp(-$0)) }
    }
    let start: Float = options.method == .trades ? 0.05 : 1
    move(input, crops: labels.count, step: step, first: first, by: start * epsilon) { 2 * $0.uniform() - 1 }
    let steps = options.method == .fgsmRS ? 1 : options.steps
    let size = options.method == .fgsmRS ? 1.25 * epsilon : 2.5 * epsilon / Float(steps)
    for _ in 0..<steps {
      project(input, around: clean, epsilon)
      executor.withInput { copy(input, into: $0) }
      _ = try executor.withInputGradient(count: labels.count) { output, samples in
        // Derivative of the cross-entropy, and of the KL divergence, with respect to the logit.
        var gradient = Tensor(output.shape)
        for (row, sample) in samples.enumerated() {
          gradient[row] = 1 / (1 + exp(-output[row])) - targets[sample]
        }
        return gradient
      } _: { gradient in
        for i in input.indices where gradient[i] != 0 {
          input[i] += (gradient[i] > 0 ? size : -size) * unit[i % 3]
        }
      }
    }
    project(input, around: clean, epsilon)
  }

  /// Adds noise to each value: `size` times a draw from its crop's own generator.
  private func move(
    _ input: UnsafeMutableBufferPointer<Float>, crops: Int, step: Int, first: Int, by size: Float,
    draw: (inout SeededGenerator) -> Float
  ) {
    let values = input.count / crops
    for crop in 0..<crops {
      var generator = SeededGenerator(seed: seed, path: [0x4841_5244, UInt64(step), UInt64(first + crop)])
      for i in (crop * values)..<((crop + 1) * values) { input[i] += size * unit[i % 3] * draw(&generator) }
    }
  }

  /// The network's logits for crops perturbed by `perturb`; uses the first worker's executor.
  func logits(_ input: UnsafeMutableBufferPointer<Float>, count: Int) throws(NeuralNetError) -> [Float] {
    executors[0].withInput { copy(input, into: $0) }
    return try executors[0].infer(count: count).values
  }

  /// Maximum number of crops per call of one worker.
  var batch: Int { executors[0].batch }

  /// Projects onto the ε-ball and the pixel range.
  private func project(_ input: UnsafeMutableBufferPointer<Float>, around clean: [Float], _ epsilon: Float) {
    for i in input.indices {
      let channel = i % 3
      let radius = epsilon * unit[channel]
      input[i] = min(
        max(input[i], max(clean[i] - radius, black[channel])), min(clean[i] + radius, white[channel]))
    }
  }

  private func copy(_ source: UnsafeMutableBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>) {
    _ = UnsafeMutableBufferPointer(rebasing: target[..<source.count]).update(fromContentsOf: source)
  }
}
