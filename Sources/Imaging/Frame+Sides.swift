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
