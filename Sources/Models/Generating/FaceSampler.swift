public import Compute
public import Imaging
public import NeuralNet

/// Generates pictures; used by one thread at a time.
///
/// A picture depends on the seed and its index only, not on previous pictures or the rest of its batch.
public final class FaceSampler {
  private let executor: Executor
  private let size: Int
  /// Latent values beyond ±this are resampled; nil disables truncation.
  private let truncation: Float?

  /// - Parameters:
  ///   - batch: pictures generated together.
  ///   - truncation: above 0. Smaller values make pictures less diverse and more typical (Brock et al. 2019).
  public init(_ generator: Network, batch: Int = 8, truncation: Float? = nil) throws(NeuralNetError) {
    precondition(truncation.map { $0 > 0 } ?? true, "a truncation of \(truncation ?? 0)")
    executor = try Executor(generator, batch: batch, use: .inference)
    size = try generator.shapes(batch: 1)[generator.outputs[0]]?.extents.last ?? 0
    self.truncation = truncation
  }

  /// Loads other weights of the same network.
  public func load(_ parameters: [String: Tensor]) throws(NeuralNetError) { try executor.load(parameters) }

  /// The pictures with the given indices.
  public func pictures(_ numbers: [Int], seed: UInt64) throws(NeuralNetError) -> [Frame] {
    var frames: [Frame] = []
    frames.reserveCapacity(numbers.count)
    try executor.forEachBatch(of: numbers.count) { index, latent in
      var generator = SeededGenerator(seed: seed, path: [0x4641_4345, UInt64(numbers[index])])
      for i in latent.indices { latent[i] = draw(using: &generator) }
    } _: { samples, pictures in
      for row in 0..<samples.count { frames.append(frame(pictures.rows(row..<(row + 1)))) }
    }
    return frames
  }

  private func draw(using generator: inout SeededGenerator) -> Float {
    guard let truncation else { return generator.normal() }
    // Very small ranges would be resampled almost forever.
    for _ in 0..<1000 {
      let value = generator.normal()
      if abs(value) <= truncation { return value }
    }
    return 0
  }

  /// - Parameter picture: `[1, 3, size, size]` in -1…1.
  private func frame(_ picture: Tensor) -> Frame {
    let area = size * size
    let pixels = picture.withFloats { x in
      [UInt8](unsafeUninitializedCapacity: area * 3) { bytes, count in
        for pixel in 0..<area {
          for channel in 0..<3 {
            let value = (x[channel * area + pixel] + 1) * 127.5
            bytes[pixel * 3 + channel] = UInt8(min(max(value, 0), 255).rounded())
          }
        }
        count = area * 3
      }
    }
    return Frame(width: size, height: size, pixels: pixels)
  }
}
