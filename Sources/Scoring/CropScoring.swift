import Compute
package import Datasets
package import Models
package import NeuralNet
package import Runs

/// Logits of some crops of a set, in the order of `indices`.
package func scoreCrops(
  _ indices: [Int], of set: CropSet, network: Network, preprocessing: Preprocessing = Preprocessing(), batch: Int,
  progress: ProgressLine? = nil
) throws -> [Double] {
  let executor = try Executor(network, batch: batch, use: .inference)
  let values = network.inputShape.count
  var logits: [Double] = []
  logits.reserveCapacity(indices.count)
  for start in stride(from: 0, to: indices.count, by: batch) {
    let part = indices[start..<min(start + batch, indices.count)]
    executor.withInput { input in
      for (slot, index) in part.enumerated() {
        let target = UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)])
        set.withPixels(at: index) { pixels in
          pixels.withUnsafeBufferPointer { preprocessing.write($0, into: target) }
        }
      }
    }
    logits += try executor.infer(count: part.count).values.map(Double.init)
    progress?.advance(by: part.count)
  }
  return logits
}
