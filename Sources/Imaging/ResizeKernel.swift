/// Resampling weights along one axis: for each output position, the input positions and their weights.
///
/// A triangle filter of radius 1 in the coarser of the two pixel grids: bilinear interpolation when enlarging, a
/// weighted mean over all covered pixels (so no aliasing) when reducing. Weights are fixed-point and rounded as in
/// Pillow, so results are bit-identical to its `Image.BILINEAR`.
struct ResizeKernel {
  /// Fraction bits of a weight: with 8-bit pixels, a sum of weighted pixels fits into 31 bits.
  static let fractionBits: UInt32 = 22
  /// Initial value of sums, so that truncation rounds.
  static let half: UInt64 = 1 << 21

  /// First input position for each output position.
  private(set) var starts: [Int] = []
  /// Number of input positions for each output position, at most `stride`.
  private(set) var counts: [Int] = []
  /// `stride` weights per output position; unused ones are 0.
  private(set) var weights: [UInt32] = []
  let stride: Int

  /// - Parameters:
  ///   - inputCount: input pixels along the axis.
  ///   - start: start of the region to resize, in input pixels; may be fractional.
  ///   - length: length of that region, in input pixels; above 0.
  ///   - outputCount: output pixels along the axis.
  init(inputCount: Int, start: Double, length: Double, outputCount: Int) {
    let scale = length / Double(outputCount)
    let radius = max(scale, 1)
    stride = Int(radius.rounded(.up)) * 2 + 1
    starts.reserveCapacity(outputCount)
    counts.reserveCapacity(outputCount)
    weights = [UInt32](repeating: 0, count: outputCount * stride)
    var row = [Double](repeating: 0, count: stride)
    for output in 0..<outputCount {
      let center = start + (Double(output) + 0.5) * scale
      let first = max(Int(center - radius + 0.5), 0)
      let count = min(Int(center + radius + 0.5), inputCount) - first
      var sum = 0.0
      for i in 0..<count {
        row[i] = max(0, 1 - abs((Double(first + i) - center + 0.5) * (1 / radius)))
        sum += row[i]
      }
      for i in 0..<count {
        let fraction = sum == 0 ? row[i] : row[i] / sum
        weights[output * stride + i] = UInt32(0.5 + fraction * Double(1 << Self.fractionBits))
      }
      starts.append(first)
      counts.append(count)
    }
  }

  /// The integer part of a sum of weighted pixels. Weights sum to one only up to rounding, so 256 can occur.
  @inline(__always)
  static func byte(_ sum: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: min(sum &>> fractionBits, 255)) }

  /// `starts`, `counts` and `weights` without bounds checks, for the inner loops.
  func withUnsafeTaps(
    _ body: (UnsafeBufferPointer<Int>, UnsafeBufferPointer<Int>, UnsafeBufferPointer<UInt32>) -> Void
  ) {
    starts.withUnsafeBufferPointer { starts in
      counts.withUnsafeBufferPointer { counts in
        weights.withUnsafeBufferPointer { weights in body(starts, counts, weights) }
      }
    }
  }
}
