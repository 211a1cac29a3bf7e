/// Which square of a picture a face crop shows, relative to the face's box.
public struct FaceFraming: Sendable, Hashable, Codable {
  /// Growth of the box's longer side: 0.3 = 30 %.
  public var margin: Double
  /// Shift of the square's centre downwards, in longer sides of the box: crops that others made often reach lower.
  public var offset: Double

  public init(margin: Double, offset: Double = 0) {
    self.margin = margin
    self.offset = offset
  }

  /// The square of a face.
  public func square(of box: Box) -> Box {
    var square = box.square(margin: margin)
    square.y += offset * max(box.width, box.height)
    return square
  }

  /// The square box whose crop is the largest square in the middle of a picture.
  public func box(ofPicture width: Int, _ height: Int) -> Box {
    let side = Double(min(width, height)) / (1 + margin)
    return Box(
      x: (Double(width) - side) / 2, y: (Double(height) - side) / 2 - offset * side, width: side, height: side)
  }
}
