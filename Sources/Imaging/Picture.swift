/// An upright picture that can be looked at in parts and at any scale, without converting all of it.
///
/// A decoded video frame and a `Frame` both are one: detectors and croppers need not know which.
public protocol Picture: ~Copyable {
  /// Size in upright, square pixels.
  var width: Int { get }
  var height: Int { get }

  /// A quick rendering of `region` for a detector; the filter is the implementation's choice.
  ///
  /// - Parameters:
  ///   - region: part of the picture; what lies outside of it is cut off first.
  ///   - width: columns of the result, at least 1.
  ///   - height: rows of the result, at least 1.
  func thumbnail(of region: Box, width: Int, height: Int) throws -> Frame

  /// `region` at the picture's own resolution (whole pixels around it), what lies outside is the nearest edge pixel.
  ///
  /// Network inputs are made from this with `Frame.resized`, so that every source uses one filter.
  func pixels(of region: Box) throws -> Frame
}

extension Picture where Self: ~Copyable {
  /// The whole picture as a region.
  public var bounds: Box { Box(x: 0, y: 0, width: Double(width), height: Double(height)) }
}
