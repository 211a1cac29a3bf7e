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
