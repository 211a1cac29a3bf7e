public import Imaging

/// The window of a set's crops that a network takes, at its input size.
///
/// A set is cropped once, with a margin larger than any network needs; each network has its own view of it.
public struct CropView: Sendable, Hashable {
  /// Width and height of the network's input.
  public let size: Int
  public let framing: FaceFraming
  /// The network's window in pixels of a stored crop.
  public let window: Box

  /// Fraction of a window that may lie outside the stored crop, where edge pixels are repeated.
  private static let mostOverhang = 0.05
  /// Minimum number of stored pixels per network pixel, along a side.
  private static let leastResolution = 0.8

  /// - Throws: `DatasetsError.view` when the stored crops are too tight or have too few pixels.
  init(of header: CropSetHeader, size: Int, framing: FaceFraming, folder: String) throws(DatasetsError) {
    let stored = header.crops.framing
    let side = Double(header.size)
    let box = stored.box(ofPicture: header.size, header.size)
    let window = framing.square(of: box)
    let slack = Self.mostOverhang * window.width
    guard window.x >= -slack, window.y >= -slack, window.x + window.width <= side + slack,
      window.y + window.height <= side + slack
    else {
      throw .view(
        path: folder,
        problem: "has a crop margin of \(stored.margin) and offset \(stored.offset), too little for margin "
          + "\(framing.margin) and offset \(framing.offset): extract it with a larger --margin")
    }
    guard window.width >= Self.leastResolution * Double(size) else {
      let needed = Int((Double(size) * side / window.width).rounded(.up))
      throw .view(
        path: folder, problem: "has crops of \(header.size) pixels, too few: extract it with --size \(needed) or more")
    }
    self.size = size
    self.framing = framing
    self.window = window
  }

  /// The network's view of a stored crop.
  public func frame(of stored: Frame) -> Frame { stored.cut(window, size: size) }
}

extension Frame {
  /// Crops and resizes a square of the frame as a scan does; outside, it repeats the nearest edge pixel.
  func cut(_ square: Box, size: Int) -> Frame {
    pixels(of: square.roundedSquare).resized(width: size, height: size)
  }
}

extension CropSet {
  /// The same crops as a network takes them: `frame(at:)`, `withPixels(at:)` and the header's size and framing apply
  /// the view, `storedFrame(at:)` returns the crop on disk.
  ///
  /// - Throws: `DatasetsError.view` when the stored crops are too tight or have too few pixels.
  public func viewed(size: Int, framing: FaceFraming) throws(DatasetsError) -> CropSet {
    guard size != storedHeader.size || framing != storedHeader.crops.framing else { return self }
    var set = self
    set.view = try CropView(of: storedHeader, size: size, framing: framing, folder: folder)
    return set
  }
}
