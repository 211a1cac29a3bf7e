/// The weights that make one side of a resized picture: for each output position the input positions that it is
/// mixed from.
///
/// A triangle filter of radius 1 in the coarser of the two pixel grids: bilinear interpolation when enlarging, a
/// weighted mean over all covered pixels (so no aliasing) when reducing. Weights are fixed-point and the rounding
/// is Pillow's, so results equal its `Image.BILINEAR` bit for bit.
struct ResizeKernel {
  /// Fraction bits of a weight: with 8 bits of pixel, a sum of weighted pixels fits into 31.
  static let fractionBits: UInt32 = 22
  /// Where sums begin, so that cutting the fraction off rounds.
  static let half: UInt64 = 1 << 21

  /// First input position of each output position.
  private(set) var starts: [Int] = []
  /// Input positions of each output position, at most `stride`.
  private(set) var counts: [Int] = []
  /// `stride` weights per output position, the unused ones 0.
  private(set) var weights: [UInt32] = []
  let stride: Int

  /// - Parameters:
  ///   - inputCount: pixels of the input's side.
  ///   - start: where the part to resize begins, in input pixels; may lie between two.
  ///   - length: how long that part is, in input pixels; above 0.
  ///   - outputCount: pixels of the output's side.
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
        let share = sum == 0 ? row[i] : row[i] / sum
        weights[output * stride + i] = UInt32(0.5 + share * Double(1 << Self.fractionBits))
      }
      starts.append(first)
      counts.append(count)
    }
  }

  /// The whole part of a sum of weighted pixels. Weights sum to one, but for rounding: 256 can occur.
  @inline(__always)
  static func byte(_ sum: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: min(sum &>> fractionBits, 255)) }

  /// `starts`, `counts` and `weights` without checks, for the inner loops.
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
