import Compute
import Decoder
import Models

/// The perturbation of adversarial training for free (Shafahi et al. 2019, algorithm 1), in ℓ∞.
///
/// One backward pass gives the step of the network and the step of the perturbation. A minibatch is shown several times
/// in a row meanwhile, and the perturbation is carried on into the next minibatch.
final class FreePerturbation: Sendable {
  /// What one worker carries on; only its own thread, or the run's between steps, touches it.
  private struct Share {
    var change: [Float]
    var clean: [Float]
    /// Of which minibatch `clean` is.
    var minibatch: Int?
  }

  private let replays: Int
  private let mean: [Float]
  private let deviation: [Float]
  // Each worker uses its own, and `kept` is read while no worker runs.
  nonisolated(unsafe) private let shares: UnsafeMutableBufferPointer<Share>

  /// - Parameters:
  ///   - replays: how often a minibatch is shown in a row.
  ///   - values: of a worker's crops together.
  ///   - kept: of an earlier run, to go on from.
  init(replays: Int, preprocessing: Preprocessing, values: Int, workers: Int, kept: [String: Tensor]) {
    self.replays = replays
    mean = preprocessing.mean
    deviation = preprocessing.deviation
    shares = .allocate(capacity: workers)
    for worker in 0..<workers {
      let change = kept[Self.name(worker)].map(\.values) ?? []
      shares.initializeElement(
        at: worker,
        to: Share(
          change: change.count == values ? change : Array(repeating: 0, count: values),
          clean: Array(repeating: 0, count: values)))
    }
  }

  deinit {
    shares.deinitialize()
    shares.deallocate()
  }

  /// Which minibatch a step shows.
  func minibatch(ofStep step: Int) -> Int { step / replays }

  /// Writes a worker's crops, perturbed.
  ///
  /// - Parameters:
  ///   - input: in the network's units, channels last.
  ///   - epsilon: budget on the [0, 1] pixel scale.
  ///   - write: writes the crops as they are; not called where they are known.
  func fill(
    _ input: UnsafeMutableBufferPointer<Float>, worker: Int, minibatch: Int, epsilon: Float,
    write: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows {
    if shares[worker].minibatch != minibatch {
      try shares[worker].clean.withUnsafeMutableBufferPointer { try write($0) }
      shares[worker].minibatch = minibatch
    }
    let (mean, deviation) = (mean, deviation)
    shares[worker].change.withUnsafeMutableBufferPointer { change in
      shares[worker].clean.withUnsafeBufferPointer { clean in
        for i in input.indices {
          let channel = i % 3
          change[i] = min(max(change[i], -epsilon), epsilon)
          let value = clean[i] * deviation[channel] + mean[channel] + change[i]
          input[i] = (min(max(value, 0), 1) - mean[channel]) / deviation[channel]
        }
      }
    }
  }

  /// Moves a worker's perturbation up the loss.
  ///
  /// - Parameter gradient: of the loss at what `fill` wrote.
  func ascend(_ gradient: UnsafeBufferPointer<Float>, worker: Int, epsilon: Float) {
    shares[worker].change.withUnsafeMutableBufferPointer { change in
      for i in change.indices where gradient[i] != 0 {
        change[i] = min(max(change[i] + (gradient[i] > 0 ? epsilon : -epsilon), -epsilon), epsilon)
      }
    }
  }

  /// What a later run goes on from.
  var kept: [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: shares.indices.map { worker in
        (Self.name(worker), Tensor(Shape([shares[worker].change.count]), shares[worker].change))
      })
  }

  private static func name(_ worker: Int) -> String { "perturbation.\(worker)" }
}
