/// Attribution of a network's output to regions of a picture: a grid of values from 0 (none) to 1, drawn over it.
public struct HeatMap: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// `width * height` values, row-major from the top.
  public let values: [Float]

  /// Quantile that maps to 1: otherwise single bright spots would make everything else dark.
  private static let fullFrom = 0.995
  private static let opacity: Float = 0.75

  /// - Parameter weights: `width * height` numbers on any scale; negative and NaN values count as 0.
  public init(width: Int, height: Int, weights: [Float]) {
    precondition(width >= 1 && height >= 1 && weights.count == width * height, "\(weights.count) weights")
    self.width = width
    self.height = height
    let counted = weights.map { $0.isFinite ? max($0, 0) : 0 }
    let sorted = counted.sorted()
    let place = min(Int(Double(sorted.count) * Self.fullFrom), sorted.count - 1)
    // If nearly all values are zero, use the maximum.
    let full = sorted[place] > 0 ? sorted[place] : sorted[sorted.count - 1]
    values = full > 0 ? counted.map { min($0 / full, 1) } : counted
  }

  /// Whether all values are 0.
  public var isEmpty: Bool { values.allSatisfy { $0 == 0 } }

  /// The mean of several maps of one picture, on the finest of their grids.
  ///
  /// - Precondition: there is at least one map.
  public static func mean(_ maps: [HeatMap]) -> HeatMap {
    precondition(!maps.isEmpty, "the mean of no maps")
    let (width, height) = (maps.map(\.width).max() ?? 1, maps.map(\.height).max() ?? 1)
    var sums = [Float](repeating: 0, count: width * height)
    for map in maps {
      for (index, value) in map.resampled(width: width, height: height).enumerated() { sums[index] += value }
    }
    return HeatMap(width: width, height: height, weights: sums)
  }

  /// `1 - share` of this map plus `share` of the previous one, so that a map drawn over a video does not flicker.
  public func steadied(by older: HeatMap?, fraction: Float) -> HeatMap {
    guard let older, older.width == width, older.height == height else { return self }
    return HeatMap(
      width: width, height: height, weights: zip(values, older.values).map { $0 * (1 - fraction) + $1 * fraction })
  }

  /// Pixel weights averaged over square blocks of side `side`, then smoothed: single pixels are too noisy.
  public static func ofPixels(_ weights: [Float], width: Int, height: Int, block side: Int) -> HeatMap {
    let (columns, rows) = (max(width / side, 1), max(height / side, 1))
    var sums = [Float](repeating: 0, count: columns * rows)
    for y in 0..<min(rows * side, height) {
      for x in 0..<min(columns * side, width) { sums[y / side * columns + x / side] += weights[y * width + x] }
    }
    for _ in 0..<2 { sums = smoothed(sums, columns: columns, rows: rows) }
    return HeatMap(width: columns, height: rows, weights: sums)
  }

  /// Binomial filter 1, 2, 1 along both axes, with edge values repeated.
  private static func smoothed(_ values: [Float], columns: Int, rows: Int) -> [Float] {
    func mixed(_ values: [Float], step: Int, place: (Int) -> Int, count: Int) -> [Float] {
      values.indices.map { index in
        let before = place(index) > 0 ? values[index - step] : values[index]
        let after = place(index) < count - 1 ? values[index + step] : values[index]
        return (before + 2 * values[index] + after) / 4
      }
    }
    let across = mixed(values, step: 1, place: { $0 % columns }, count: columns)
    return mixed(across, step: columns, place: { $0 / columns }, count: rows)
  }

  /// Bilinear interpolation at the cell centres of another grid over the same picture.
  func resampled(width newWidth: Int, height newHeight: Int) -> [Float] {
    if newWidth == width && newHeight == height { return values }
    func neighbours(_ position: Int, _ count: Int, _ newCount: Int) -> (Int, Int, Float) {
      let place = (Float(position) + 0.5) * Float(count) / Float(newCount) - 0.5
      let clamped = min(max(place, 0), Float(count - 1))
      let first = Int(clamped)
      return (first, min(first + 1, count - 1), clamped - Float(first))
    }
    let columns = (0..<newWidth).map { neighbours($0, width, newWidth) }
    var result: [Float] = []
    result.reserveCapacity(newWidth * newHeight)
    for y in 0..<newHeight {
      let (top, bottom, down) = neighbours(y, height, newHeight)
      for (left, right, across) in columns {
        let above = values[top * width + left] * (1 - across) + values[top * width + right] * across
        let below = values[bottom * width + left] * (1 - across) + values[bottom * width + right] * across
        result.append(above * (1 - down) + below * down)
      }
    }
    return result
  }

  /// The picture in grey, overlaid with the map in colour: regions with value 0 stay grey.
  ///
  /// - Parameter keepsColours: keeps the picture's own colours, so that it remains recognisable in a video.
  public func painted(over picture: Frame, keepsColours: Bool = false) -> Frame {
    var painted = picture
    let heat = resampled(width: picture.width, height: picture.height)
    for (index, value) in heat.enumerated() {
      let place = index * 3
      let (red, green, blue) = (picture.pixels[place], picture.pixels[place + 1], picture.pixels[place + 2])
      let grey = 0.299 * Float(red) + 0.587 * Float(green) + 0.114 * Float(blue)
      let fraction = min(value * 1.6, 1) * Self.opacity
      let colour = Self.colour(value)
      for channel in 0..<3 {
        let under = keepsColours ? Float(picture.pixels[place + channel]) : grey
        painted.pixels[place + channel] = UInt8((under * (1 - fraction) + colour[channel] * fraction).rounded())
      }
    }
    return painted
  }

  /// Samples of the "inferno" colour map; its brightness increases monotonically for every viewer and printer.
  private static let colours: [SIMD3<Float>] = [
    SIMD3(0, 0, 4), SIMD3(87, 16, 110), SIMD3(188, 55, 84), SIMD3(249, 142, 9), SIMD3(252, 255, 164),
  ]

  private static func colour(_ value: Float) -> SIMD3<Float> {
    let place = min(max(value, 0), 1) * Float(colours.count - 1)
    let first = min(Int(place), colours.count - 2)
    return colours[first] + (colours[first + 1] - colours[first]) * (place - Float(first))
  }
}
