public import Compute

extension Executor {
  /// Writes one sample in the network's input order, `[H, W, C]` for pictures.
  public typealias SampleWriter = (_ index: Int, _ sample: UnsafeMutableBufferPointer<Float>) -> Void

  /// Divides `count` samples into batches, in order; the last one may be smaller.
  public static func batches(of count: Int, size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// The first output for the samples of one batch.
  ///
  /// - Parameter samples: 1 to `batch` indices, passed to `write` in ascending order.
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

  /// Runs `count` samples through the network, one batch at a time.
  ///
  /// - Parameters:
  ///   - write: called once per index of `0..<count`, in ascending order.
  ///   - body: called with each batch's samples and their first output, in order.
  public func forEachBatch(
    of count: Int, write: SampleWriter, _ body: (_ samples: Range<Int>, _ output: Tensor) -> Void
  ) throws(NeuralNetError) {
    for samples in Self.batches(of: count, size: batch) { body(samples, try infer(samples, write: write)) }
  }
}
