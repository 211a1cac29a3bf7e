/// The change of RGB pixels in luma and colour differences, in 8-bit levels.
public struct ColorDifference: Sendable {
  /// The luma coefficients of red and blue (0.299 and 0.114 for BT.601), and whether levels have full range, 0 to 255.
  public struct Matrix: Sendable, Hashable {
    public var red: Double
    public var blue: Double
    public var isFullRange: Bool

    public init(red: Double, blue: Double, isFullRange: Bool) {
      self.red = red
      self.blue = blue
      self.isFullRange = isFullRange
    }
  }

  public let width: Int
  public let height: Int
  /// One value per pixel, row-major.
  public let luma: [Float]
  public let blue: [Float]
  public let red: [Float]

  /// - Precondition: both frames have the same size.
  public init(from original: Frame, to changed: Frame, matrix: Matrix) {
    precondition(original.width == changed.width && original.height == changed.height, "frames of different sizes")
    (width, height) = (original.width, original.height)
    let (lumaScale, colorScale): (Double, Double) = matrix.isFullRange ? (1, 1) : (219.0 / 255, 224.0 / 255)
    let count = width * height
    var (luma, blue, red) = (
      [Float](repeating: 0, count: count), [Float](repeating: 0, count: count), [Float](repeating: 0, count: count)
    )
    let green = 1 - matrix.red - matrix.blue
    for pixel in 0..<count {
      func change(_ channel: Int) -> Double {
        Double(Int(changed.pixels[3 * pixel + channel]) - Int(original.pixels[3 * pixel + channel]))
      }
      let y = matrix.red * change(0) + green * change(1) + matrix.blue * change(2)
      luma[pixel] = Float(y * lumaScale)
      blue[pixel] = Float((change(2) - y) / (2 * (1 - matrix.blue)) * colorScale)
      red[pixel] = Float((change(0) - y) / (2 * (1 - matrix.red)) * colorScale)
    }
    (self.luma, self.blue, self.red) = (luma, blue, red)
  }

  /// The change of chroma samples, each of `across` by `down` pixels, on a grid whose origin is the picture's top left:
  /// means, with pixels outside the part counting as unchanged.
  ///
  /// - Parameters:
  ///   - values: `blue` or `red`.
  ///   - x, y: the part's top left corner in the picture.
  /// - Returns: the samples that the part overlaps, with the column and row of the first.
  public func samples(
    _ values: [Float], x: Int, y: Int, across: Int, down: Int
  ) -> (values: [Float], column: Int, row: Int, width: Int) {
    let (column, row) = (x / across, y / down)
    let (columns, rows) = ((x + width - 1) / across - column + 1, (y + height - 1) / down - row + 1)
    var sums = [Float](repeating: 0, count: columns * rows)
    for line in 0..<height {
      for place in 0..<width {
        sums[((y + line) / down - row) * columns + (x + place) / across - column] += values[line * width + place]
      }
    }
    let fraction = 1 / Float(across * down)
    return (sums.map { $0 * fraction }, column, row, columns)
  }
}
