package import Attacks
import Compute
package import Models
import NeuralNet

/// Collects crops until a batch is full and asks the network for their logits.
///
/// Belongs to one worker: the network computes on the thread that calls.
package struct BatchScorer: ~Copyable {
  private let executor: Executor
  private let preprocessing: Preprocessing
  private let defence: (any InputDefence)?
  private let side: Int
  private let cropValues: Int
  package private(set) var count = 0

  /// - Parameters:
  ///   - batch: crops in one pass.
  ///   - defence: what crops go through in front of the network.
  package init(_ model: DetectorModel, batch: Int, defence: (any InputDefence)? = nil) throws {
    self.defence = defence
    side = model.cropContract.size
    executor = try Executor(model.network, batch: batch, use: .inference)
    preprocessing = model.preprocessing
    cropValues = model.network.inputShape.count
  }

  package var isFull: Bool { count == executor.batch }

  /// Adds a crop.
  ///
  /// - Parameter pixels: RGB bytes, rows packed, of the network's input size.
  /// - Precondition: the batch is not full.
  package mutating func append(_ pixels: [UInt8]) {
    precondition(!isFull, "a batch of \(executor.batch) crops is full")
    executor.withInput { input in
      let start = count * cropValues
      let target = UnsafeMutableBufferPointer(rebasing: input[start..<(start + cropValues)])
      guard let defence else { return preprocessing.write(pixels, into: target) }
      let crop = CropPixels(width: side, height: side, bytes: pixels)
      let values = defence.defended(crop, seed: AttackModel.defenceSeed).crop.values
      for i in values.indices {
        target[i] = (values[i] - preprocessing.mean[i % 3]) / preprocessing.deviation[i % 3]
      }
    }
    count += 1
  }

  /// - Returns: the logits of the crops in the order in which they came; the batch is empty afterwards.
  package mutating func score() throws -> [Float] {
    defer { count = 0 }
    return try executor.infer(count: count).values
  }

  /// The logits of some crops, in as many batches as it takes.
  ///
  /// - Precondition: the batch is empty.
  package mutating func logits(of crops: [[UInt8]]) throws -> [Float] {
    precondition(count == 0, "\(count) crops of somebody else are in the batch")
    var logits: [Float] = []
    for crop in crops {
      append(crop)
      if isFull { logits += try score() }
    }
    if count > 0 { logits += try score() }
    return logits
  }
}
