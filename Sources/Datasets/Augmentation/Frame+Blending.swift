public import Compute
public import Imaging

extension Frame {
  /// This frame with a face region from another one, blended with the soft mask of self-blending; the region's colours
  /// are first matched to those that it replaces.
  ///
  /// - Parameter other: frame of the same size, with the face at the same position.
  public func withFaceRegion(of other: Frame, using generator: inout SeededGenerator) -> Frame {
    precondition(other.width == width && other.height == height, "frames of two sizes cannot be blended")
    let mask = FaceMask(using: &generator)
    return blended(with: other.coloured(like: self, within: mask), mask: mask, ratio: 1)
  }

  /// Each channel with the mean and standard deviation of another frame within a mask.
  private func coloured(like other: Frame, within mask: FaceMask) -> Frame {
    let (own, wanted) = (moments(within: mask), other.moments(within: mask))
    let gains = zip(own.standardDeviation, wanted.standardDeviation).map { min(max($1 / max($0, 1), 0.5), 2) }
    var result = self
    for index in result.pixels.indices {
      let channel = index % 3
      let value = (Float(pixels[index]) - own.mean[channel]) * gains[channel] + wanted.mean[channel]
      result.pixels[index] = UInt8(min(max(value, 0), 255).rounded())
    }
    return result
  }

  /// Mean and standard deviation of each channel, weighted by the mask.
  private func moments(within mask: FaceMask) -> (mean: [Float], standardDeviation: [Float]) {
    var (sums, squares, total) = (SIMD3<Float>.zero, SIMD3<Float>.zero, Float(0))
    for row in 0..<height {
      for column in 0..<width {
        let cell = row * FaceMask.side / height * FaceMask.side + column * FaceMask.side / width
        let (weight, pixel) = (mask.values[cell], (row * width + column) * 3)
        let value = SIMD3(Float(pixels[pixel]), Float(pixels[pixel + 1]), Float(pixels[pixel + 2]))
        sums += weight * value
        squares += weight * value * value
        total += weight
      }
    }
    let mean = sums / max(total, 1)
    let variance = squares / max(total, 1) - mean * mean
    return (
      (0..<3).map { mean[$0] }, (0..<3).map { max(variance[$0], 0).squareRoot() }
    )
  }

  /// The other frame inside the mask, this one outside.
  func blended(with other: Frame, mask: FaceMask, ratio: Float) -> Frame {
    // The mask as a grey frame of the frame's size, so that the same resize filter serves both.
    let grey = mask.values.flatMap { value in repeatElement(UInt8((value * ratio * 255).rounded()), count: 3) }
    let fractions = Frame(width: FaceMask.side, height: FaceMask.side, pixels: grey).resized(
      width: width, height: height)
    var result = self
    fractions.pixels.withUnsafeBufferPointer { fractions in
      other.pixels.withUnsafeBufferPointer { other in
        result.pixels.withUnsafeMutableBufferPointer { pixels in
          for i in pixels.indices {
            let fraction = Int32(fractions[i])
            let sum = Int32(pixels[i]) &* (255 &- fraction) &+ Int32(other[i]) &* fraction
            // (s + 128 + (s >> 8)) >> 8 is s / 255, rounded.
            pixels[i] = UInt8(truncatingIfNeeded: (sum &+ 128 &+ sum >> 8) >> 8)
          }
        }
      }
    }
    return result
  }
}
