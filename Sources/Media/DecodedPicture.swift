import CFFmpeg
public import Imaging

/// A decoded frame that is still in the decoder's own format; parts of it are converted when they are asked for.
///
/// Upright, square pixels; colour matrix and range are those that the frame declares. Valid only inside of the call
/// that it was handed to.
public struct DecodedPicture: ~Copyable, Picture {
  private let frame: UnsafeMutablePointer<AVFrame>
  private let orientation: Orientation
  public let width: Int
  public let height: Int

  init(_ frame: UnsafeMutablePointer<AVFrame>, _ orientation: Orientation) {
    self.frame = frame
    self.orientation = orientation
    (width, height) = orientation.displaySize(
      codedWidth: Int(frame.pointee.width), codedHeight: Int(frame.pointee.height))
  }

  /// Averages over areas when it shrinks. The region is widened to the grid of the colour samples (2 pixels at most).
  public func thumbnail(of region: Box, width: Int, height: Int) throws -> Frame {
    guard let visible = region.intersection(bounds) else {
      throw MediaError.unsupported(what: "a region outside of the picture")
    }
    let source = codedRectangle(visible)
    let size = orientation.isTransposed ? (height, width) : (width, height)
    return orientation.turned(
      try FrameScaler.shared.render(frame, source, width: size.0, height: size.1, quality: .quick))
  }

  public func pixels(of region: Box) throws -> Frame {
    let whole = PixelRectangle(touchedBy: region)
    let visible = PixelRectangle(
      x: min(max(whole.x, 0), width - 1), y: min(max(whole.y, 0), height - 1),
      right: min(max(whole.right, 1), width), bottom: min(max(whole.bottom, 1), height))
    // A frame repeats its edge pixels beyond its edges, which here are those of the picture where it matters.
    return try uprightPixels(visible).pixels(of: whole.box(from: visible))
  }

  /// Exactly the pixels of `rectangle`, which lies inside of the picture.
  private func uprightPixels(_ rectangle: PixelRectangle) throws -> Frame {
    let box = rectangle.box
    let stretched = stretchedSize
    let unturned = orientation.unturned(box, width: stretched.width, height: stretched.height)
    let source = codedRectangle(box)
    // The part of the stretched picture that the coded rectangle covers; more than asked for by the colour grid.
    let scaleX = Double(stretched.width) / Double(frame.pointee.width)
    let scaleY = Double(stretched.height) / Double(frame.pointee.height)
    let left = Int((Double(source.x) * scaleX).rounded(.down))
    let top = Int((Double(source.y) * scaleY).rounded(.down))
    let rendered = try FrameScaler.shared.render(
      frame, source, width: max(1, Int((Double(source.width) * scaleX).rounded())),
      height: max(1, Int((Double(source.height) * scaleY).rounded())), quality: .exact)
    var inner = unturned
    inner.x -= Double(left)
    inner.y -= Double(top)
    return orientation.turned(rendered.pixels(of: inner))
  }

  private var stretchedSize: (width: Int, height: Int) {
    orientation.stretchedSize(codedWidth: Int(frame.pointee.width), codedHeight: Int(frame.pointee.height))
  }

  /// The coded pixels behind a region of the upright picture, widened to the grid of the colour samples.
  private func codedRectangle(_ region: Box) -> PixelRectangle {
    let stretched = stretchedSize
    let box = orientation.unturned(region, width: stretched.width, height: stretched.height)
    let (codedWidth, codedHeight) = (Int(frame.pointee.width), Int(frame.pointee.height))
    let scaleX = Double(codedWidth) / Double(stretched.width)
    let scaleY = Double(codedHeight) / Double(stretched.height)
    let (gridX, gridY) = FrameScaler.grid(of: frame)
    func down(_ value: Double, _ grid: Int) -> Int { max(0, Int((value + 1e-6).rounded(.down)) / grid * grid) }
    func up(_ value: Double, _ grid: Int, _ end: Int) -> Int {
      min(end, (Int((value - 1e-6).rounded(.up)) + grid - 1) / grid * grid)
    }
    let x = min(down(box.x * scaleX, gridX), (codedWidth - 1) / gridX * gridX)
    let y = min(down(box.y * scaleY, gridY), (codedHeight - 1) / gridY * gridY)
    return PixelRectangle(
      x: x, y: y, right: max(x + 1, up((box.x + box.width) * scaleX, gridX, codedWidth)),
      bottom: max(y + 1, up((box.y + box.height) * scaleY, gridY, codedHeight)))
  }
}
