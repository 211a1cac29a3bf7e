public import Compute

/// The crop made smaller by a random factor and put at a random place of a picture of the old size, whose rest repeats
/// the borders (after Xie et al. 2018, who fill up with zeros). Bilinear; gradients go through the transposed map.
public struct RandomResize: InputDefence {
  /// The least share of the side that is left, in per cent.
  public let least: Int
  public let isRandom = true

  /// - Precondition: 50 to 99 per cent.
  public init(least: Int) {
    precondition((50...99).contains(least), "a crop of \(least) per cent")
    self.least = least
  }

  public var name: String { "resize:\(least)" }

  public func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    let share = Float(least) / 100 + (1 - Float(least) / 100) * generator.uniform()
    let rows = Taps(count: x.height, share: share, offset: generator.uniform())
    let columns = Taps(count: x.width, share: share, offset: generator.uniform())
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

  /// Along one axis, the two old places that a new one is mixed of.
  private struct Taps {
    var lower: [Int]
    var upper: [Int]
    /// Of the upper one.
    var weight: [Float]

    /// - Parameter offset: 0…1, where in the room that is left the smaller picture stands.
    init(count: Int, share: Float, offset: Float) {
      let start = offset * (1 - share) * Float(count)
      let places = (0..<count).map { place in
        min(max((Float(place) + 0.5 - start) / share - 0.5, 0), Float(count - 1))
      }
      lower = places.map { Int($0) }
      upper = lower.map { min($0 + 1, count - 1) }
      weight = zip(places, lower).map { $0 - Float($1) }
    }
  }

  /// Every new pixel with the four old ones that it is mixed of: first values' places, weight, and whether it is the
  /// first of the four.
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
