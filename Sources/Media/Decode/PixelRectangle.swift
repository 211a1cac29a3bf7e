import CFFmpeg
import Imaging

/// Whole pixels from (x, y) up to but without (right, bottom).
struct PixelRectangle: Hashable {
  var x: Int
  var y: Int
  var right: Int
  var bottom: Int

  var width: Int { right - x }
  var height: Int { bottom - y }
  var box: Box { Box(x: Double(x), y: Double(y), width: Double(width), height: Double(height)) }

  /// The rectangle as seen from the left top corner of `origin`.
  func box(from origin: PixelRectangle) -> Box {
    Box(x: Double(x - origin.x), y: Double(y - origin.y), width: Double(width), height: Double(height))
  }

  func moved(x: Int, y: Int) -> PixelRectangle {
    PixelRectangle(x: self.x + x, y: self.y + y, right: right + x, bottom: bottom + y)
  }

  func widened(by margin: Int) -> PixelRectangle {
    PixelRectangle(x: x - margin, y: y - margin, right: right + margin, bottom: bottom + margin)
  }

  /// Grown until all sides are multiples of `grid`.
  func widened(toGrid grid: Int) -> PixelRectangle {
    func down(_ value: Int) -> Int { Int((Double(value) / Double(grid)).rounded(.down)) * grid }
    func up(_ value: Int) -> Int { Int((Double(value) / Double(grid)).rounded(.up)) * grid }
    return PixelRectangle(x: down(x), y: down(y), right: up(right), bottom: up(bottom))
  }

  /// The part inside of `bounds`; where there is none, the pixels of `bounds` that are nearest.
  func clamped(to bounds: PixelRectangle) -> PixelRectangle {
    let left = min(max(x, bounds.x), bounds.right - 1)
    let top = min(max(y, bounds.y), bounds.bottom - 1)
    return PixelRectangle(
      x: left, y: top, right: max(left + 1, min(right, bounds.right)), bottom: max(top + 1, min(bottom, bounds.bottom)))
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

  /// The rectangle whose edges are nearest to those of a region, at least one pixel.
  init(nearest region: Box) {
    let x = Int(region.x.rounded())
    let y = Int(region.y.rounded())
    self.init(
      x: x, y: y, right: max(x + 1, Int((region.x + region.width).rounded())),
      bottom: max(y + 1, Int((region.y + region.height).rounded())))
  }
}

extension PixelRectangle {
  /// Whether the pixels of a frame can be read from the left top corner on.
  ///
  /// Where pixels share bytes, or one packed group holds the colour samples of several, that is so only where a group
  /// begins.
  func beginsAtGroup(of frame: UnsafeMutablePointer<AVFrame>) -> Bool {
    guard let format = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format))?.pointee else {
      return false
    }
    func has(_ flag: CInt) -> Bool { format.flags & UInt64(flag) != 0 }
    if has(AV_PIX_FMT_FLAG_BITSTREAM) { return x * Int(format.comp.0.step) % 8 == 0 }
    if has(AV_PIX_FMT_FLAG_BAYER) { return x % 2 == 0 && y % 2 == 0 }
    return has(AV_PIX_FMT_FLAG_PLANAR) || x % (1 << format.log2_chroma_w) == 0
  }
}

/// Rows of a frame that were taken at one time: all, or those of one field.
enum FrameRows {
  case all, topField, bottomField

  /// Colour samples that two fields share a place for must not be mixed between them.
  static func separate(in frame: UnsafeMutablePointer<AVFrame>, isInterlaced: Bool) -> [FrameRows] {
    isInterlaced && colorRows(of: frame) > 1 && canSeparate(frame)
      ? [.topField, .bottomField] : [.all]
  }

  /// Whether both fields of a frame have as many rows of colour samples as libswscale expects of their height.
  static func canSeparate(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
    colorRows(of: frame) == 1 || Int(frame.pointee.height) % (2 * colorRows(of: frame)) == 0
  }

  /// Rows of pixels that share one of colour samples.
  private static func colorRows(of frame: UnsafeMutablePointer<AVFrame>) -> Int {
    1 << Int(av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format))?.pointee.log2_chroma_h ?? 0)
  }

  /// 0 or 1 for a field, -1 for all rows.
  var parity: Int {
    switch self {
    case .all: -1
    case .topField: 0
    case .bottomField: 1
    }
  }

  /// The rows of `rectangle` that are among these, counted in these; its top row must be even.
  func part(of rectangle: PixelRectangle) -> PixelRectangle {
    guard self != .all else { return rectangle }
    var part = rectangle
    part.y = rectangle.y / 2
    part.bottom = (rectangle.bottom + 1 - parity) / 2
    return part
  }
}
