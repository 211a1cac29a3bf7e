public import Compute
import Glibc
public import Imaging

/// Defocus or an encoder's smoothing: a Gaussian with a standard deviation of up to 2 pixels at full strength.
public struct GaussianBlur: Augmentation {
  public static let name = "blur"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    let sigma = generator.uniform(in: 0.3...2) * strength
    return crop.blurred(sigma: sigma)
  }
}

extension Frame {
  /// The frame convolved with a Gaussian.
  ///
  /// - Parameter sigma: standard deviation in pixels; up to 0.2 it is the identity in 256ths.
  public func blurred(sigma: Double) -> Frame {
    sigma > 0.2 ? BlurKernel(sigma: sigma).apply(to: self) : self
  }
}

/// A separable Gaussian filter in 256ths, rows first; beyond the edges it repeats the edge pixel.
struct BlurKernel {
  /// Weights of all taps, an odd number; they sum to 256.
  let weights: [UInt16]

  /// - Parameter sigma: standard deviation in pixels, above 0.
  init(sigma: Double) {
    let radius = max(1, Int((2.5 * sigma).rounded(.up)))
    let fractions = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = fractions.reduce(0, +)
    var weights = fractions.map { UInt16((256 * $0 / sum).rounded()) }
    // The centre absorbs the rounding error, so that flat areas keep their value; it is the largest and stays positive.
    let others = weights.reduce(0, +) - weights[radius]
    weights[radius] = 256 - min(others, 256)
    self.weights = weights
  }

  private var radius: Int { weights.count / 2 }

  func apply(to frame: Frame) -> Frame {
    let rowBytes = frame.width * 3
    let rows = [UInt8](unsafeUninitializedCapacity: frame.pixels.count) { output, initialized in
      frame.pixels.withUnsafeBufferPointer { blurRows($0, into: output, rowBytes: rowBytes) }
      initialized = frame.pixels.count
    }
    let pixels = [UInt8](unsafeUninitializedCapacity: rows.count) { output, initialized in
      rows.withUnsafeBufferPointer { blurColumns($0, into: output, rowBytes: rowBytes) }
      initialized = rows.count
    }
    return Frame(width: frame.width, height: frame.height, pixels: pixels)
  }

  private func blurRows(
    _ input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>, rowBytes: Int
  ) {
    let radius = radius
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rowBytes + 6 * radius) { padded in
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: rowBytes) { sums in
        for start in stride(from: 0, to: input.count, by: rowBytes) {
          for i in 0..<3 * radius {
            padded[i] = input[start + i % 3]
            padded[3 * radius + rowBytes + i] = input[start + rowBytes - 3 + i % 3]
          }
          for i in 0..<rowBytes { padded[3 * radius + i] = input[start + i] }
          sums.initialize(repeating: Self.half)
          for (tap, weight) in weights.enumerated() {
            for i in 0..<rowBytes { sums[i] &+= UInt16(padded[3 * tap + i]) &* weight }
          }
          for i in 0..<rowBytes { output[start + i] = UInt8(truncatingIfNeeded: sums[i] >> 8) }
        }
      }
    }
  }

  private func blurColumns(
    _ input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>, rowBytes: Int
  ) {
    let rows = input.count / rowBytes
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: rowBytes) { sums in
      for y in 0..<rows {
        sums.initialize(repeating: Self.half)
        for (tap, weight) in weights.enumerated() {
          let row = min(max(y + tap - radius, 0), rows - 1) * rowBytes
          for i in 0..<rowBytes { sums[i] &+= UInt16(input[row + i]) &* weight }
        }
        for i in 0..<rowBytes { output[y * rowBytes + i] = UInt8(truncatingIfNeeded: sums[i] >> 8) }
      }
    }
  }

  /// Initial value of sums, so that truncation rounds. 255 · 256 + 128 still fits into 16 bits.
  private static let half: UInt16 = 128
}

/// Downscaling and upscaling, as of a face from a small video: to at least a quarter of the side, at full strength.
public struct LowResolution: Augmentation {
  public static let name = "low-resolution"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    let fraction = 1 - strength * generator.uniform(in: 0...0.75)
    return crop.reduced(to: fraction)
  }
}

extension Frame {
  /// The frame at reduced resolution, in its original size.
  ///
  /// - Parameter fraction: fraction of each side, above 0.
  public func reduced(to fraction: Double) -> Frame {
    func part(_ side: Int) -> Int { max(1, Int((Double(side) * fraction).rounded())) }
    return resized(width: part(width), height: part(height)).resized(width: width, height: height)
  }
}
