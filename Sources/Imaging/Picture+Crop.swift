extension Picture where Self: ~Copyable {
  /// `square` of the picture at the size that a network wants.
  ///
  /// The square is rounded to whole pixels, cut at the picture's own resolution (edge pixels repeated beyond the
  /// picture) and brought to size by `Frame.resized`.
  /// - Parameters:
  ///   - square: as `Box.square(margin:)` makes it; only its width is looked at.
  ///   - size: columns and rows of the result, at least 1.
  public func crop(square: Box, size: Int) throws -> Frame {
    try pixels(of: square.roundedSquare).resized(width: size, height: size)
  }
}

extension Box {
  /// The square of whole pixels nearest to this one, its side at least 1.
  public var roundedSquare: Box {
    let side = max(1, width.rounded())
    return Box(x: (centerX - side / 2).rounded(), y: (centerY - side / 2).rounded(), width: side, height: side)
  }
}
