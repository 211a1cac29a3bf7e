/// A place in the pixels of an upright picture: origin top left, pixel edges at whole numbers.
public struct Point: Sendable, Hashable, Codable {
  public var x: Double
  public var y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}
