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
