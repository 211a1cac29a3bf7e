/// An axis-aligned rectangle in the pixels of an upright picture: origin top left, pixel edges at whole numbers.
public struct Box: Sendable, Hashable, Codable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  public var centerX: Double { x + width / 2 }
  public var centerY: Double { y + height / 2 }
  public var area: Double { max(0, width) * max(0, height) }

  public func intersection(_ other: Box) -> Box? {
    let left = max(x, other.x)
    let top = max(y, other.y)
    let right = min(x + width, other.x + other.width)
    let bottom = min(y + height, other.y + other.height)
    guard right > left, bottom > top else { return nil }
    return Box(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// Intersection over union, 0…1.
  public func overlap(_ other: Box) -> Double {
    guard let shared = intersection(other)?.area else { return 0 }
    return shared / (area + other.area - shared)
  }

  /// The square around the same centre whose side is the longer side grown by `margin` (0.3 = 30 %).
  public func square(margin: Double) -> Box {
    let side = max(width, height) * (1 + margin)
    return Box(x: centerX - side / 2, y: centerY - side / 2, width: side, height: side)
  }
}

/// A place in the pixels of an upright picture: origin top left, pixel edges at whole numbers.
public struct Point: Sendable, Hashable, Codable {
  public var x: Double
  public var y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

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
