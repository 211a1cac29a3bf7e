import Imaging

/// A picture that is being painted, in floating point.
struct Canvas: Sendable {
  let width: Int
  let height: Int
  private var colors: [Color]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    colors = [Color](repeating: Color(0, 0, 0), count: width * height)
  }

  subscript(x: Int, y: Int) -> Color {
    get { colors[y * width + x] }
    set { colors[y * width + x] = newValue }
  }

  /// Replaces every pixel of `columns` × `rows`, as far as they lie on the canvas.
  mutating func paint(columns: ClosedRange<Int>, rows: ClosedRange<Int>, _ color: (Int, Int, Color) -> Color) {
    guard columns.overlaps(0...width - 1), rows.overlaps(0...height - 1) else { return }
    for y in rows.clamped(to: 0...height - 1) {
      for x in columns.clamped(to: 0...width - 1) { self[x, y] = color(x, y, self[x, y]) }
    }
  }

  /// The finished picture in 8 bits, with sensor grain: `grain` levels at most, another pattern for each `seed`.
  func frame(grain: Float, seed: Int) -> Frame {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(colors.count * 3)
    for (i, color) in colors.enumerated() {
      let noise = (Noise.value(i, seed, 77) - 0.5) * 2 * grain
      for channel in [color.red, color.green, color.blue] {
        pixels.append(UInt8(min(max(channel * 255 + noise, 0), 255)))
      }
    }
    return Frame(width: width, height: height, pixels: pixels)
  }
}

/// A colour of light, each channel 0…1 (gamma-encoded, as pixels are stored).
struct Color: Sendable, Hashable {
  var red: Float
  var green: Float
  var blue: Float

  init(_ red: Float, _ green: Float, _ blue: Float) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  static func * (color: Color, factor: Float) -> Color {
    Color(color.red * factor, color.green * factor, color.blue * factor)
  }

  /// `amount` 0 leaves this colour, 1 gives `other`.
  func mixed(with other: Color, _ amount: Float) -> Color {
    Color(
      red + (other.red - red) * amount, green + (other.green - green) * amount, blue + (other.blue - blue) * amount)
  }
}
