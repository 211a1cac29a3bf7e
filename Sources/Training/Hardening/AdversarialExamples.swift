import Compute
import Foundation
import Models
import NeuralNet

/// Perturbs crops on their way into training, in ℓ∞, against the network as it is at that step with its running
/// statistics. What is random goes with a crop's step and its place in the batch, however many workers share the batch.
final class AdversarialExamples: Sendable {
  private let options: HardeningOptions
  /// Per channel in the network's units: one pixel level's length, black and white.
  private let unit: [Float]
  private let black: [Float]
  private let white: [Float]
  private let seed: UInt64
  // Each worker uses its own, and `load` runs while no worker does.
  nonisolated(unsafe) private let executors: [Executor]

  /// - Parameter batch: crops of a step, shared equally by the workers.
  init(
    _ options: HardeningOptions, network: Network, preprocessing: Preprocessing, batch: Int, workers: Int, seed: UInt64
  ) throws(NeuralNetError) {
    self.options = options
    self.seed = seed
    unit = preprocessing.deviation.map { 1 / $0 }
    black = zip(preprocessing.mean, preprocessing.deviation).map { -$0 / $1 }
    white = zip(preprocessing.mean, preprocessing.deviation).map { (1 - $0) / $1 }
    var executors: [Executor] = []
    for _ in 0..<workers { executors.append(try Executor(network, batch: batch / workers, use: .inputGradient)) }
    self.executors = executors
  }

  /// Takes over the network's present parameters.
  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    for executor in executors { try executor.load(parameters) }
  }

  /// Lets go of the parameters, so that the optimiser can change them where they are.
  func release() {
    for executor in executors { executor.releaseParameters() }
  }

  /// Perturbs crops in place.
  ///
  /// - Parameters:
  ///   - input: `[count, H, W, C]` in the network's units.
  ///   - labels: of the crops.
  ///   - first: place in the batch of the first of them.
  ///   - epsilon: budget on the [0, 1] pixel scale.
  func perturb(
    _ input: UnsafeMutableBufferPointer<Float>, labels: [Float], worker: Int, step: Int, first: Int, epsilon: Float
  ) throws {
    guard epsilon > 0 else { return }
    let executor = executors[worker]
    let clean = Array(input)
    if options.method == .noise {
      // As smoothing draws it: not cut to the range of pixels.
      move(input, crops: labels.count, step: step, first: first, by: epsilon) { $0.normal() }
      return
    }
    var targets = labels
    if options.method == .trades {
      // Away from what the network says of the clean crop, whatever is right.
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
        // The slope of the cross-entropy, and of the divergence, in the logit.
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

  /// Moves each value by so many times a draw of its crop's own generator.
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

  /// The network's logits for crops that `perturb` has changed; on the first worker's executor.
  func logits(_ input: UnsafeMutableBufferPointer<Float>, count: Int) throws(NeuralNetError) -> [Float] {
    executors[0].withInput { copy(input, into: $0) }
    return try executors[0].infer(count: count).values
  }

  /// Crops that one worker takes at once.
  var batch: Int { executors[0].batch }

  /// Into the ball and the range of pixels.
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
