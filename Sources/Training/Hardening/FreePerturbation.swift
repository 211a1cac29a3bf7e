import Compute
import Decoder
import Models

/// Perturbation of free adversarial training (Shafahi et al. 2019, algorithm 1), in ℓ∞.
///
/// One backward pass yields both the network's step and the perturbation's step. Each batch is replayed several times
/// in a row, and the perturbation carries over to the next batch.
final class FreePerturbation: Sendable {
  /// State of one worker; only its own thread, or the run between steps, accesses it.
  private struct WorkerState {
    var change: [Float]
    var clean: [Float]
    /// Number of the batch that `clean` holds.
    var minibatch: Int?
  }

  private let replays: Int
  private let mean: [Float]
  private let standardDeviation: [Float]
  // Each worker uses only its own element, and `kept` is read while no worker runs.
  nonisolated(unsafe) private let states: UnsafeMutableBufferPointer<WorkerState>

  /// - Parameters:
  ///   - replays: number of consecutive replays of a batch.
  ///   - values: total number of values in a worker's crops.
  ///   - kept: state of an earlier run to resume from.
  init(replays: Int, preprocessing: Preprocessing, values: Int, workers: Int, kept: [String: Tensor]) {
    self.replays = replays
    mean = preprocessing.mean
    standardDeviation = preprocessing.standardDeviation
    states = .allocate(capacity: workers)
    for worker in 0..<workers {
      let change = kept[Self.name(worker)].map(\.values) ?? []
      states.initializeElement(
        at: worker,
        to: WorkerState(
          change: change.count == values ? change : Array(repeating: 0, count: values),
          clean: Array(repeating: 0, count: values)))
    }
  }

  deinit {
    states.deinitialize()
    states.deallocate()
  }

  /// Number of the batch in a step.
  func minibatch(ofStep step: Int) -> Int { step / replays }

  /// Writes a worker's perturbed crops.
  ///
  /// - Parameters:
  ///   - input: in network units, channels last.
  ///   - epsilon: budget on the [0, 1] pixel scale.
  ///   - write: writes the clean crops; not called if they are cached.
  func fill(
    _ input: UnsafeMutableBufferPointer<Float>, worker: Int, minibatch: Int, epsilon: Float,
    write: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows {
    if states[worker].minibatch != minibatch {
      try states[worker].clean.withUnsafeMutableBufferPointer { try write($0) }
      states[worker].minibatch = minibatch
    }
    let (mean, standardDeviation) = (mean, standardDeviation)
    states[worker].change.withUnsafeMutableBufferPointer { change in
      states[worker].clean.withUnsafeBufferPointer { clean in
        for i in input.indices {
          let channel = i % 3
          change[i] = min(max(change[i], -epsilon), epsilon)
          let value = clean[i] * standardDeviation[channel] + mean[channel] + change[i]
          input[i] = (min(max(value, 0), 1) - mean[channel]) / standardDeviation[channel]
        }
      }
    }
  }

  /// Moves a worker's perturbation in the direction of increasing loss.
  ///
  /// - Parameter gradient: gradient of the loss with respect to the input written by `fill`.
  func ascend(_ gradient: UnsafeBufferPointer<Float>, worker: Int, epsilon: Float) {
    states[worker].change.withUnsafeMutableBufferPointer { change in
      for i in change.indices where gradient[i] != 0 {
        change[i] = min(max(change[i] + (gradient[i] > 0 ? epsilon : -epsilon), -epsilon), epsilon)
      }
    }
  }

  /// State for resuming.
  var kept: [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: states.indices.map { worker in
        (Self.name(worker), Tensor(Shape([states[worker].change.count]), states[worker].change))
      })
  }

  private static func name(_ worker: Int) -> String { "perturbation.\(worker)" }
}
