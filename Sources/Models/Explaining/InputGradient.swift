import Compute
public import Imaging
public import NeuralNet

/// Pixel attribution of the logit for any network: gradient × input, averaged over slightly noisy copies of the crop
/// (SmoothGrad, Smilkov et al. 2017).
///
/// The input is relative to the mean of the preprocessing: `|Σ_c ∂logit/∂x_c · (x_c − mean_c)|` per pixel, then
/// averaged over small blocks. Used by one thread at a time.
public final class InputGradient {
  /// Noise on the [0, 1] pixel scale. Far less than in the paper: traces of manipulation are themselves as small as
  /// noise, and stronger noise would mask them.
  static let noise: Float = 0.01
  /// Side of a block in pixels.
  private static let block = 4

  private let executor: Executor
  private let preprocessing: Preprocessing
  private let copies: Int

  /// - Parameter copies: number of noisy copies to average; 0 uses the crop without noise.
  public init(_ network: Network, _ preprocessing: Preprocessing, copies: Int = 8) throws(NeuralNetError) {
    executor = try Executor(network, batch: 1, use: .inputGradient)
    self.preprocessing = preprocessing
    self.copies = copies
  }

  /// - Parameters:
  ///   - crop: crop of the network's input size.
  ///   - seed: seed of the noise.
  public func map(of crop: Frame, seed: UInt64 = 1) throws -> HeatMap {
    let products = try products(of: crop, seed: seed)
    let weights = (0..<crop.width * crop.height).map { pixel -> Float in
      let values = products[3 * pixel..<3 * pixel + 3]
      return abs(values.reduce(0, +))
    }
    let block = crop.width >= 16 * Self.block ? Self.block : 1
    return .ofPixels(weights, width: crop.width, height: crop.height, block: block)
  }

  /// Gradient × input for each value, in pixel order.
  func products(of crop: Frame, seed: UInt64) throws -> [Float] {
    let standardDeviation = preprocessing.standardDeviation
    let base = executor.withInput { input in
      preprocessing.write(crop.pixels, into: input)
      return Array(input)
    }
    var generator = SeededGenerator(seed: seed)
    var sums = [Float](repeating: 0, count: base.count)
    for _ in 0..<max(copies, 1) {
      if copies > 0 {
        executor.withInput { input in
          for i in base.indices { input[i] = base[i] + generator.normal() * Self.noise / standardDeviation[i % 3] }
        }
      }
      _ = try executor.logitGradient { gradient in
        for i in sums.indices { sums[i] += gradient[i] }
      }
    }
    for i in sums.indices { sums[i] *= base[i] / Float(max(copies, 1)) }
    return sums
  }
}
