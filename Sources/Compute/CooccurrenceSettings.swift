/// Which pairs of neighbours are counted, and in which bins.
public struct CooccurrenceSettings: Hashable, Sendable, Codable {
  /// Centres of the bins, ascending and symmetric around 0, at least two.
  public var centres: [Float]
  /// From the first element of a pair to the second: rows down (not negative) and columns to the right (or left).
  public var offsets: [Pair]

  public init(centres: [Float], offsets: [Pair]) {
    self.centres = centres
    self.offsets = offsets
  }

  private static let distances = 0..<4096

  /// Whether the centres can be bins and the offsets pairs.
  public var isValid: Bool {
    centres.count >= 2 && zip(centres, centres.dropFirst()).allSatisfy(<) && !offsets.isEmpty
      && zip(centres, centres.reversed()).allSatisfy { $0 == -$1 }
      && offsets.allSatisfy { Self.distances.contains($0.height) && $0.width.magnitude < Self.distances.count }
      && !offsets.contains(Pair(0))
  }

  /// Rows and columns that a picture must have more than.
  public var reach: Pair {
    Pair(height: offsets.map(\.height).max() ?? 0, width: offsets.map { abs($0.width) }.max() ?? 0)
  }

  /// The cell of each place in a table `[bins, bins]`, row by row.
  ///
  /// A pair, the pair the other way round and both with other signs say the same of a texture: they share a cell
  /// (Fridrich and Kodovský 2012, section II.C).
  public var cells: [Int] {
    let bins = centres.count
    var cells = [Int](repeating: -1, count: bins * bins)
    var next = 0
    for i in 0..<bins {
      for j in 0..<bins where cells[i * bins + j] < 0 {
        let (k, l) = (bins - 1 - i, bins - 1 - j)
        for place in [i * bins + j, j * bins + i, k * bins + l, l * bins + k] { cells[place] = next }
        next += 1
      }
    }
    return cells
  }

  /// Cells of a table.
  public var cellCount: Int { (cells.max() ?? -1) + 1 }
}
