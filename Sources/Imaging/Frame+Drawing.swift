extension Frame {
  /// Draws another frame over this one; what lies outside is cut off.
  public mutating func paste(_ other: Frame, x: Int, y: Int) {
    let columns = max(0, -x)..<max(max(0, -x), min(other.width, width - x))
    let rows = max(0, -y)..<max(max(0, -y), min(other.height, height - y))
    guard !columns.isEmpty else { return }
    for row in rows {
      let from = (row * other.width + columns.lowerBound) * 3
      let to = ((y + row) * width + x + columns.lowerBound) * 3
      pixels.replaceSubrange(to..<to + columns.count * 3, with: other.pixels[from..<from + columns.count * 3])
    }
  }

  /// Draws the outline of a box, inwards from its edges; what lies outside of the frame is cut off.
  public mutating func outline(_ box: Box, thickness: Int, colour: SIMD3<UInt8>) {
    let columns = Int(box.x.rounded())..<max(Int(box.x.rounded()) + 1, Int((box.x + box.width).rounded()))
    let rows = Int(box.y.rounded())..<max(Int(box.y.rounded()) + 1, Int((box.y + box.height).rounded()))
    for row in rows.clamped(to: 0..<height) {
      let isEdgeRow = row < rows.lowerBound + thickness || row >= rows.upperBound - thickness
      for column in columns.clamped(to: 0..<width) {
        let isEdge =
          isEdgeRow || column < columns.lowerBound + thickness || column >= columns.upperBound - thickness
        guard isEdge else { continue }
        for channel in 0..<3 { pixels[(row * width + column) * 3 + channel] = colour[channel] }
      }
    }
  }
}

extension Frame {
  /// Pictures of one size beside each other, row by row, on white.
  ///
  /// - Parameters:
  ///   - columns: pictures in a row, at least 1.
  ///   - gap: pixels between two of them, and around all.
  /// - Precondition: there is a picture, and all have the first one's size.
  public static func sheet(_ pictures: [Frame], columns: Int, gap: Int = 2) -> Frame {
    precondition(columns > 0 && gap >= 0 && !pictures.isEmpty, "no sheet of \(pictures.count) in \(columns) columns")
    let (width, height) = (pictures[0].width, pictures[0].height)
    precondition(
      pictures.allSatisfy { $0.width == width && $0.height == height }, "pictures of a sheet differ in size")
    let across = min(columns, pictures.count)
    let down = (pictures.count + columns - 1) / columns
    let size = (width: across * (width + gap) + gap, height: down * (height + gap) + gap)
    var sheet = Frame(
      width: size.width, height: size.height, pixels: [UInt8](repeating: 255, count: size.width * size.height * 3))
    for (index, picture) in pictures.enumerated() {
      sheet.paste(
        picture, x: gap + index % columns * (width + gap), y: gap + index / columns * (height + gap))
    }
    return sheet
  }
}
