extension Frame: Picture {
  /// `region`, cut off at the frame's edges, resized by the filter of `resized(width:height:)`.
  ///
  /// A region that lies outside of the frame altogether gives its nearest edge pixels.
  public func thumbnail(of region: Box, width: Int, height: Int) -> Frame {
    guard let visible = region.intersection(bounds) else {
      return pixels(of: region).resized(width: width, height: height)
    }
    return resized(region: visible, width: width, height: height)
  }

  /// The whole pixels that `region` touches, at least one; beyond the frame its edge pixels are repeated.
  public func pixels(of region: Box) -> Frame {
    let columns = Self.wholePixels(from: region.x, length: region.width)
    let rows = Self.wholePixels(from: region.y, length: region.height)
    var cut: [UInt8] = []
    cut.reserveCapacity(columns.count * rows.count * 3)
    let inside = columns.clamped(to: 0..<width)
    for row in rows {
      let rowStart = min(max(row, 0), height - 1) * width * 3
      for _ in min(0, columns.lowerBound)..<min(0, columns.upperBound) { cut += pixels[rowStart..<rowStart + 3] }
      cut += pixels[rowStart + inside.lowerBound * 3..<rowStart + inside.upperBound * 3]
      let rowEnd = rowStart + width * 3
      for _ in max(width, columns.lowerBound)..<max(width, columns.upperBound) { cut += pixels[rowEnd - 3..<rowEnd] }
    }
    return Frame(width: columns.count, height: rows.count, pixels: cut)
  }

  private static func wholePixels(from start: Double, length: Double) -> Range<Int> {
    let first = Int(start.rounded(.down))
    return first..<max(first + 1, Int((start + length).rounded(.up)))
  }
}
