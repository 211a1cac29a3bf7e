import Foundation

extension Frame {
  /// Structural similarity (SSIM) to another frame, -1…1, with 1 for identical frames (Wang et al. 2004).
  ///
  /// On luma (0.299 R + 0.587 G + 0.114 B), with an 11×11 Gaussian window of standard deviation 1.5, K₁ = 0.01 and
  /// K₂ = 0.03, averaged over all window positions within the frame, as scikit-image's `structural_similarity` with
  /// `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255`.
  ///
  /// - Precondition: both frames have the same size, at least 11×11.
  public func structuralSimilarity(to other: Frame) -> Double {
    precondition(
      width == other.width && height == other.height && width >= Self.window.count && height >= Self.window.count,
      "no structural similarity of \(width)×\(height) and \(other.width)×\(other.height)")
    let (x, y) = (luma, other.luma)
    let meanX = smoothed(x)
    let meanY = smoothed(y)
    let squaresX = smoothed(zip(x, x).map(*))
    let squaresY = smoothed(zip(y, y).map(*))
    let products = smoothed(zip(x, y).map(*))
    let (c1, c2) = (0.01 * 255 * 0.01 * 255, 0.03 * 255 * 0.03 * 255)
    var sum = 0.0
    for place in meanX.indices {
      let (mx, my) = (meanX[place], meanY[place])
      let varianceX = squaresX[place] - mx * mx
      let varianceY = squaresY[place] - my * my
      let covariance = products[place] - mx * my
      let likeness = (2 * mx * my + c1) * (2 * covariance + c2)
      sum += likeness / ((mx * mx + my * my + c1) * (varianceX + varianceY + c2))
    }
    return sum / Double(meanX.count)
  }

  /// Taps of the window along one axis; they sum to 1.
  private static let window: [Double] = {
    let taps = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let sum = taps.reduce(0, +)
    return taps.map { $0 / sum }
  }()

  private var luma: [Double] {
    let weights = [0.299, 0.587, 0.114]
    return (0..<(width * height)).map { pixel in
      weights.indices.reduce(0.0) { sum, channel in sum + weights[channel] * Double(pixels[3 * pixel + channel]) }
    }
  }

  /// Weighted means over windows within the frame, rows first.
  private func smoothed(_ values: [Double]) -> [Double] {
    let taps = Self.window
    let columns = width - taps.count + 1
    let rows = height - taps.count + 1
    var narrowed = [Double](repeating: 0, count: columns * height)
    for row in 0..<height {
      for tap in taps.indices {
        let weight = taps[tap]
        for column in 0..<columns { narrowed[row * columns + column] += weight * values[row * width + column + tap] }
      }
    }
    var result = [Double](repeating: 0, count: columns * rows)
    for row in 0..<rows {
      for tap in taps.indices {
        let weight = taps[tap]
        for column in 0..<columns {
          result[row * columns + column] += weight * narrowed[(row + tap) * columns + column]
        }
      }
    }
    return result
  }
}
