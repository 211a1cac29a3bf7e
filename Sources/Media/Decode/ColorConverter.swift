import CFFmpeg
import Imaging

/// Turns parts of decoded frames into RGB, by the colour matrix and range that they declare.
///
/// Used for all frames of a video, by one thread.
final class ColorConverter {
  /// Filters look at most this far; what is converted around a rectangle makes its edges the same as anywhere else.
  private static let margin = 16
  /// A multiple of every grid of colour samples, in fields too; few sizes of rectangles mean few contexts.
  private static let grid = 16

  private let scalers = ScalerCache()

  /// A rendering of `source`, which lies inside of the frame, averaging over areas when it shrinks.
  func scaled(
    _ frame: UnsafeMutablePointer<AVFrame>, _ source: PixelRectangle, width: Int, height: Int
  ) throws(MediaError) -> Frame {
    if source.width == width, source.height == height { return try pixels(frame, source) }
    let settings = ScalerSettings(frame, source, width: width, height: height, rows: .all)
    scalers.prepareTarget(width: width, height: height)
    try scalers.render(frame, source, rows: .all, settings)
    return scalers.target(PixelRectangle(x: 0, y: 0, right: width, bottom: height))
  }

  /// The pixels of `rectangle`, which lies inside of the frame.
  ///
  /// They do not depend on where its edges are, but for frames of odd size whose colours are subsampled: libswscale
  /// stretches those by half a sample over the whole width or height.
  func pixels(
    _ frame: UnsafeMutablePointer<AVFrame>, _ rectangle: PixelRectangle
  ) throws(MediaError) -> Frame {
    let bounds = PixelRectangle(x: 0, y: 0, right: Int(frame.pointee.width), bottom: Int(frame.pointee.height))
    let source = rectangle.widened(by: Self.margin).widened(toGrid: Self.grid).clamped(to: bounds)
    scalers.prepareTarget(width: source.width, height: source.height)
    for rows in FrameRows.separate(in: frame) {
      let part = rows.part(of: source)
      guard part.height > 0 else { continue }
      let settings = ScalerSettings(frame, part, width: part.width, height: part.height, rows: rows)
      try scalers.render(frame, part, rows: rows, settings)
    }
    return scalers.target(rectangle.moved(x: -source.x, y: -source.y))
  }
}
