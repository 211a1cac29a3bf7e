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
  var logits: [Double] = []
  logits.reserveCapacity(indices.count)
  try executor.forEachBatch(of: indices.count) { index, target in
    set.withPixels(at: indices[index]) { pixels in
      pixels.withUnsafeBufferPointer { preprocessing.write($0, into: target) }
    }
  } _: { samples, output in
    logits += output.values.map(Double.init)
    progress?.advance(by: samples.count)
  }
  return logits
}
