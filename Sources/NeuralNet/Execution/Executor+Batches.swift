public import Compute

extension Executor {
  /// Writes one sample in the network's input order, `[H, W, C]` for pictures.
  public typealias SampleWriter = (_ index: Int, _ sample: UnsafeMutableBufferPointer<Float>) -> Void

  /// The batches that `count` samples make, in order; the last one may be short.
  public static func batches(of count: Int, size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// The first output for some samples that make one batch.
  ///
  /// - Parameter samples: 1 to `batch` indices, which `write` gets in ascending order.
  public func infer(_ samples: Range<Int>, write: SampleWriter) throws(NeuralNetError) -> Tensor {
    try checkCount(samples.count)
    let values = inputShape.count
    withInput { input in
      for (slot, index) in samples.enumerated() {
        write(index, UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)]))
      }
    }
    return try infer(count: samples.count)
  }

  /// Runs `count` samples through the network, a batch at a time; no samples, no batch.
  ///
  /// - Parameters:
  ///   - write: gets each index of `0..<count` once, in ascending order.
  ///   - body: gets each batch's samples and their first output, in order.
  public func forEachBatch(
    of count: Int, write: SampleWriter, _ body: (_ samples: Range<Int>, _ output: Tensor) -> Void
  ) throws(NeuralNetError) {
    for samples in Self.batches(of: count, size: batch) { body(samples, try infer(samples, write: write)) }
  }
}
