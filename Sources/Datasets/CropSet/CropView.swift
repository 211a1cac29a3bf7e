public import Imaging

/// The part of a set's crops that a network takes, in the size that it takes.
///
/// A set is cut once, larger than any network needs; each network sees its own framing of it.
public struct CropView: Sendable, Hashable {
  /// Columns and rows of a crop as the network takes it.
  public let size: Int
  public let framing: FaceFraming
  /// What the network sees of a stored crop, in pixels of the stored one.
  public let window: Box

  /// Fraction of a window that may lie beyond the stored crop, where edge pixels are repeated.
  private static let mostOverhang = 0.05
  /// Stored pixels for one of the network's, along a side, at least.
  private static let leastResolution = 0.8

  /// - Throws: `DatasetsError.view` when the stored crops show too little, or too few pixels.
  init(of header: CropSetHeader, size: Int, framing: FaceFraming, folder: String) throws(DatasetsError) {
    let stored = header.contract.framing
    let side = Double(header.size)
    let box = stored.box(ofPicture: header.size, header.size)
    let window = framing.square(of: box)
    let slack = Self.mostOverhang * window.width
    guard window.x >= -slack, window.y >= -slack, window.x + window.width <= side + slack,
      window.y + window.height <= side + slack
    else {
      throw .view(
        path: folder,
        problem: "shows faces with margin \(stored.margin) and offset \(stored.offset), too little for margin "
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

  /// What the network sees of a stored crop.
  public func frame(of stored: Frame) -> Frame { stored.cut(window, size: size) }
}

extension Frame {
  /// A square of the frame, cut and resized as a scan does; beyond the edges is the nearest edge pixel.
  func cut(_ square: Box, size: Int) -> Frame {
    pixels(of: square.roundedSquare).resized(width: size, height: size)
  }
}

extension CropSet {
  /// The same crops as a network takes them: `frame(at:)`, `withPixels(at:)` and the header's size and framing are those
  /// of the view, `storedFrame(at:)` is what lies on disk.
  ///
  /// - Throws: `DatasetsError.view` when the stored crops show too little, or too few pixels.
  public func viewed(size: Int, framing: FaceFraming) throws(DatasetsError) -> CropSet {
    guard size != storedHeader.size || framing != storedHeader.contract.framing else { return self }
    var set = self
    set.view = try CropView(of: storedHeader, size: size, framing: framing, folder: folder)
    return set
  }
}
