import CFFmpeg
import Imaging

/// Turns parts of decoded frames into progressive RGB of SDR, by the colour matrix, range and transfer function that they
/// declare.
///
/// Used for all frames of a video, by one thread.
final class ColorConverter {
  /// Filters look at most this far; what is converted around a rectangle makes its edges the same as anywhere else.
  private static let margin = 16
  /// A multiple of every grid of colour samples, in fields too; few sizes of rectangles mean few contexts.
  private static let grid = 16
  /// Pixels around a rectangle that deinterlacing looks at.
  private static let deinterlacingReach = 4

  let traits: StreamTraits
  private let scalers = ScalerCache()
  /// Of the last frame of a high dynamic range.
  private var toneMap: (mapping: ToneMapping, map: ToneMap)?

  /// - Parameter traits: of the stream that the frames are from.
  init(_ traits: StreamTraits = StreamTraits()) {
    self.traits = traits
  }

  /// A rendering of `source`, which lies inside of the frame, averaging over areas when it shrinks.
  ///
  /// Of an interlaced frame the first field alone is looked at.
  func scaled(
    _ frame: UnsafeMutablePointer<AVFrame>, _ source: PixelRectangle, width: Int, height: Int
  ) throws(MediaError) -> Frame {
    if source.width == width, source.height == height { return try pixels(frame, source) }
    guard source.beginsAtGroup(of: frame) else {
      let whole = PixelRectangle(x: 0, y: 0, right: source.width, bottom: source.height)
      return try pixels(frame, source).thumbnail(of: whole.box, width: width, height: height)
    }
    var rows = traits.firstField(of: frame) ?? .all
    if rows.part(of: source).height < 1 || !FrameRows.canSeparate(frame) { rows = .all }
    let toneMap = toneMap(for: frame)
    let settings = ScalerSettings(
      frame, rows.part(of: source), width: width, height: height, rows: rows, isHDR: toneMap != nil)
    scalers.prepareTarget(width: width, height: height, isHDR: toneMap != nil)
    try scalers.render(frame, rows.part(of: source), rows: rows, targetRows: .all, settings)
    return scalers.target(PixelRectangle(x: 0, y: 0, right: width, bottom: height), toneMap)
  }

  /// The pixels of `rectangle`, which lies inside of the frame, at the time of the frame's first field.
  ///
  /// They do not depend on where its edges are, but for frames of odd size whose colours are subsampled: libswscale
  /// stretches those by half a sample over the whole width or height.
  func pixels(
    _ frame: UnsafeMutablePointer<AVFrame>, _ rectangle: PixelRectangle
  ) throws(MediaError) -> Frame {
    let bounds = PixelRectangle(
      x: 0, y: 0, right: Int(frame.pointee.width), bottom: Int(frame.pointee.height))
    let firstField = traits.firstField(of: frame)
    // A field has half as many rows.
    let margin = firstField == nil ? Self.margin : 2 * Self.margin
    let source = rectangle.widened(by: margin).widened(toGrid: Self.grid).clamped(to: bounds)
    let toneMap = toneMap(for: frame)
    scalers.prepareTarget(width: source.width, height: source.height, isHDR: toneMap != nil)
    for rows in FrameRows.separate(in: frame, isInterlaced: firstField != nil) {
      let part = rows.part(of: source)
      guard part.height > 0 else { continue }
      let settings = ScalerSettings(
        frame, part, width: part.width, height: part.height, rows: rows, isHDR: toneMap != nil)
      try scalers.render(frame, part, rows: rows, targetRows: rows, settings)
    }
    guard let firstField else {
      return scalers.target(rectangle.moved(x: -source.x, y: -source.y), toneMap)
    }
    let woven = rectangle.widened(by: Self.deinterlacingReach).clamped(to: source)
    let both = scalers.target(woven.moved(x: -source.x, y: -source.y), toneMap)
    return both.deinterlaced(keeping: (firstField.parity + woven.y) % 2).pixels(
      of: rectangle.box(from: woven))
  }

  /// Nil for a frame of SDR.
  private func toneMap(for frame: UnsafeMutablePointer<AVFrame>) -> ToneMap? {
    guard let mapping = traits.toneMapping(of: frame) else { return nil }
    if let toneMap, toneMap.mapping == mapping { return toneMap.map }
    let map = mapping.makeMap()
    toneMap = (mapping, map)
    return map
  }
}
