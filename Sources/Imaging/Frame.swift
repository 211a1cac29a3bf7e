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
