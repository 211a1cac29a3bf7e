extension Frame {
  /// How far a pixel's values may lie outside of those above and below it, summed over three channels, to be taken for
  /// detail or noise instead of the other field's motion.
  private static let tolerance = 18
  /// Pixels beside a comb that are interpolated with it, and rows of its field.
  private static let reach = (columns: 3, rows: 1)

  /// The frame at the time of one of its two fields.
  ///
  /// Rows of that field stay. In the others a pixel stays where it and those around it lie between the pixels above and
  /// below: nothing moved there, and both fields together have the full resolution. Elsewhere it is interpolated from the
  /// rows of the field that stays, by the filter of four rows that bwdif uses (BBC's weston 3-field deinterlacer).
  ///
  /// - Parameter firstRow: first row of the field that stays, 0 or 1.
  public func deinterlaced(keeping firstRow: Int) -> Frame {
    precondition(firstRow == 0 || firstRow == 1, "no field begins at row \(firstRow)")
    guard height > 1 else { return self }
    let rows = Array(stride(from: 1 - firstRow, to: height, by: 2))
    let combs = Self.grown(rows.map(combs(inRow:)), width: width)
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { target in
      pixels.withUnsafeBufferPointer { source in
        for (index, row) in rows.enumerated() {
          let (above, below) = neighbours(of: row)
          let (farAbove, farBelow) = (row > 2 ? row - 3 : above, row + 3 < height ? row + 3 : below)
          for column in 0..<width where combs[index * width + column] {
            for byte in column * 3..<column * 3 + 3 {
              let near =
                Int(source[above * width * 3 + byte]) + Int(source[below * width * 3 + byte])
              let far =
                Int(source[farAbove * width * 3 + byte]) + Int(source[farBelow * width * 3 + byte])
              // Factors in 8192ths.
              let value = (near * 5077 - far * 981 + 4096) >> 13
              target[row * width * 3 + byte] = UInt8(min(max(value, 0), 255))
            }
          }
        }
      }
    }
    return result
  }

  /// The rows of the other field around a row; beyond the edges its nearest.
  private func neighbours(of row: Int) -> (above: Int, below: Int) {
    (row > 0 ? row - 1 : row + 1, row + 1 < height ? row + 1 : row - 1)
  }

  /// Which pixels of a row do not lie between those above and below.
  private func combs(inRow row: Int) -> [Bool] {
    let (above, below) = neighbours(of: row)
    return pixels.withUnsafeBufferPointer { source in
      (0..<width).map { column in
        var outside = 0
        for byte in column * 3..<column * 3 + 3 {
          let (a, b) = (
            Int(source[above * width * 3 + byte]), Int(source[below * width * 3 + byte])
          )
          let value = Int(source[row * width * 3 + byte])
          outside += max(0, min(a, b) - value, value - max(a, b))
        }
        return outside > Self.tolerance
      }
    }
  }

  /// Rows of marks, one behind the other, with all that is within reach of a mark.
  private static func grown(_ marks: [[Bool]], width: Int) -> [Bool] {
    var grown = [Bool](repeating: false, count: marks.count * width)
    for (row, line) in marks.enumerated() {
      for column in 0..<width where line[column] {
        for near in max(0, row - reach.rows)...min(marks.count - 1, row + reach.rows) {
          for place in max(0, column - reach.columns)...min(width - 1, column + reach.columns) {
            grown[near * width + place] = true
          }
        }
      }
    }
    return grown
  }
}
