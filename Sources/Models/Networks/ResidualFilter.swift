/// A 5×5 high-pass filter of the spatial rich model (Fridrich and Kodovský 2012, figure 2), for one mixture of R, G, B.
struct ResidualFilter {
  /// Shares of R, G and B in brightness (ITU-R BT.601).
  private static let brightness: [Float] = [0.299, 0.587, 0.114]

  /// Levels of a unit of the network's input, for `Preprocessing`'s deviation of 0.25.
  private static let levels: Float = 255 * 0.25

  /// Coefficients, row by row.
  let taps: [Float]

  /// `[3, 5, 5]`: from the network's input to residuals in levels of brightness.
  var weights: [Float] {
    Self.brightness.flatMap { share in taps.map { $0 * share * Self.levels } }
  }

  /// Differences of second order along rows and columns, and the square of second order.
  static let secondOrder = [along(rows: false, second), along(rows: true, second), square]
  /// Differences of third order along rows and columns.
  static let thirdOrder = [along(rows: false, third), along(rows: true, third)]

  private static let second: [Float] = [0, 1, -2, 1, 0]
  private static let third: [Float] = [0, -1, 3, -3, 1]
  private static let square = ResidualFilter(taps: [
    0, 0, 0, 0, 0,
    0, 1, -2, 1, 0,
    0, -2, 4, -2, 0,
    0, 1, -2, 1, 0,
    0, 0, 0, 0, 0,
  ])

  /// Five coefficients side by side, or below each other, through the middle.
  private static func along(rows: Bool, _ line: [Float]) -> ResidualFilter {
    var taps = [Float](repeating: 0, count: 25)
    for (index, value) in line.enumerated() { taps[rows ? index * 5 + 2 : 10 + index] = value }
    return ResidualFilter(taps: taps)
  }
}
