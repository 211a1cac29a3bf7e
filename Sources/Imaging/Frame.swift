/// A picture in memory: 8-bit sRGB, rows packed without padding, `R G B` interleaved.
///
/// What the pixels show is upright: rotation, sample aspect ratio, colour matrix and colour range of the source
/// have been applied by whoever made it.
public struct Frame: Sendable, Hashable {
  /// Columns and rows, in pixels; both at least 1.
  public let width: Int
  public let height: Int
  /// `width * height * 3` bytes, row by row from the top.
  public var pixels: [UInt8]

  /// - Precondition: `pixels.count == width * height * 3` and both sides are at least 1.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width >= 1 && height >= 1, "a frame of \(width)×\(height) has no pixels")
    precondition(
      pixels.count == width * height * 3, "\(pixels.count) bytes do not make a frame of \(width)×\(height)×3")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

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

extension Frame {
  /// The frame as a mirror shows it: left and right exchanged.
  public func flippedHorizontally() -> Frame {
    var flipped = self
    for row in 0..<height {
      for column in 0..<width {
        let source = (row * width + column) * 3
        let target = (row * width + width - 1 - column) * 3
        for channel in 0..<3 { flipped.pixels[target + channel] = pixels[source + channel] }
      }
    }
    return flipped
  }
}

extension Frame {
  /// The frame with its last column and row repeated until it has that size.
  ///
  /// - Precondition: no side becomes smaller.
  public func extended(width: Int, height: Int) -> Frame {
    precondition(width >= self.width && height >= self.height, "\(width)×\(height) is less than the frame")
    return sampled(width: width, height: height)
  }

  /// The upper left part of the frame.
  ///
  /// - Precondition: no side becomes larger.
  public func cut(width: Int, height: Int) -> Frame {
    precondition(width <= self.width && height <= self.height, "\(width)×\(height) is more than the frame")
    return sampled(width: width, height: height)
  }

  /// Each pixel of that size from the same place, or from the nearest one that there is.
  private func sampled(width: Int, height: Int) -> Frame {
    guard width != self.width || height != self.height else { return self }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for row in 0..<height {
      let start = min(row, self.height - 1) * self.width * 3
      let shared = min(width, self.width) * 3
      pixels += self.pixels[start..<(start + shared)]
      for _ in min(width, self.width)..<width {
        pixels += self.pixels[(start + shared - 3)..<(start + shared)]
      }
    }
    return Frame(width: width, height: height, pixels: pixels)
  }
}
