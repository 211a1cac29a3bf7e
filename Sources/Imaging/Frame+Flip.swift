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
