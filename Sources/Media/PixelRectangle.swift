import Imaging

/// Whole pixels from (x, y) up to but without (right, bottom).
struct PixelRectangle: Hashable {
  var x: Int
  var y: Int
  var right: Int
  var bottom: Int

  var width: Int { right - x }
  var height: Int { bottom - y }
  var box: Box { box(from: PixelRectangle(x: 0, y: 0, right: 0, bottom: 0)) }

  /// The rectangle as seen from the left top corner of `origin`.
  func box(from origin: PixelRectangle) -> Box {
    Box(x: Double(x - origin.x), y: Double(y - origin.y), width: Double(width), height: Double(height))
  }
}

extension PixelRectangle {
  /// The pixels that a region touches, at least one.
  init(touchedBy region: Box) {
    let x = Int(region.x.rounded(.down))
    let y = Int(region.y.rounded(.down))
    self.init(
      x: x, y: y, right: max(x + 1, Int((region.x + region.width).rounded(.up))),
      bottom: max(y + 1, Int((region.y + region.height).rounded(.up))))
  }
}
