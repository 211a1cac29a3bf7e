public import Compute

/// Scales the crop down by a random factor and places it at a random position, with edge padding to the original size
/// (after Xie et al. 2018, who pad with zeros). Bilinear; gradients pass through the transposed map.
public struct RandomResize: InputDefence {
  /// Minimum scaled side, in per cent of the original.
  public let least: Int
  public let isRandom = true

  /// - Precondition: `least` is 50 to 99 per cent.
  public init(least: Int) {
    precondition((50...99).contains(least), "a crop of \(least) per cent")
    self.least = least
  }

  public var name: String { "resize:\(least)" }

  public func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    let fraction = Float(least) / 100 + (1 - Float(least) / 100) * generator.uniform()
    let rows = Taps(count: x.height, fraction: fraction, offset: generator.uniform())
    let columns = Taps(count: x.width, fraction: fraction, offset: generator.uniform())
    var crop = x
    Self.visit(rows, columns) { target, source, weight, isFirst in
      for channel in 0..<3 {
        let value = weight * x.values[source + channel]
        crop.values[target + channel] = isFirst ? value : crop.values[target + channel] + value
      }
    }
    return DefendedCrop(crop: crop) { gradient in
      var back = [Float](repeating: 0, count: gradient.count)
      Self.visit(rows, columns) { target, source, weight, _ in
        for channel in 0..<3 { back[source + channel] += weight * gradient[target + channel] }
      }
      return back
    }
  }

  /// For each output position along one axis: the two input positions that it interpolates.
  private struct Taps {
    var lower: [Int]
    var upper: [Int]
    /// Weight of the upper one.
    var weight: [Float]

    /// - Parameter offset: position of the scaled crop within the free space, 0…1.
    init(count: Int, fraction: Float, offset: Float) {
      let start = offset * (1 - fraction) * Float(count)
      let indices = (0..<count).map { index in
        min(max((Float(index) + 0.5 - start) / fraction - 0.5, 0), Float(count - 1))
      }
      lower = indices.map { Int($0) }
      upper = lower.map { min($0 + 1, count - 1) }
      weight = zip(indices, lower).map { $0 - Float($1) }
    }
  }

  /// Enumerates the four input pixels that each output pixel interpolates: indices of their first values, weight, and
  /// whether it is the first of the four.
  private static func visit(_ rows: Taps, _ columns: Taps, _ body: (Int, Int, Float, Bool) -> Void) {
    let width = columns.lower.count
    for row in rows.lower.indices {
      let (above, below, down) = (rows.lower[row] * width, rows.upper[row] * width, rows.weight[row])
      for column in columns.lower.indices {
        let (left, right, across) = (columns.lower[column], columns.upper[column], columns.weight[column])
        let target = 3 * (row * width + column)
        body(target, 3 * (above + left), (1 - down) * (1 - across), true)
        body(target, 3 * (above + right), (1 - down) * across, false)
        body(target, 3 * (below + left), down * (1 - across), false)
        body(target, 3 * (below + right), down * across, false)
      }
    }
  }
}
