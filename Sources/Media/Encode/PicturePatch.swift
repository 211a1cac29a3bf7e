import CFFmpeg
public import Imaging

/// New pixels for a part of an upright picture.
public struct PicturePatch: Sendable, Hashable {
  /// Left top corner in the picture.
  public var x: Int
  public var y: Int
  public var pixels: Frame

  public init(x: Int, y: Int, pixels: Frame) {
    self.x = x
    self.y = y
    self.pixels = pixels
  }

  var box: Box { Box(x: Double(x), y: Double(y), width: Double(pixels.width), height: Double(pixels.height)) }
}

extension FrameReference {
  /// Puts a patch into the planes of the frame.
  ///
  /// What changes in the RGB picture is added to the planes as luma and colour differences: where nothing changes, all
  /// samples stay what they are.
  ///
  /// - Parameters:
  ///   - original: the pixels of the same part before.
  ///   - orientation: what is known of the frame; its pixels are square.
  /// - Precondition: the frame is writable, of planes of 8 bits.
  func apply(_ patch: PicturePatch, insteadOf original: Frame, _ orientation: Orientation) {
    let size = orientation.stretchedSize(codedWidth: Int(raw.pointee.width), codedHeight: Int(raw.pointee.height))
    let place = orientation.unturned(patch.box, width: size.width, height: size.height)
    let (x, y) = (Int(place.x), Int(place.y))
    let change = ColorDifference(
      from: orientation.unturned(original), to: orientation.unturned(patch.pixels), matrix: .init(of: raw))
    guard let format = av_pix_fmt_desc_get(AVPixelFormat(raw.pointee.format)) else { return }
    let (across, down) = (1 << Int(format.pointee.log2_chroma_w), 1 << Int(format.pointee.log2_chroma_h))
    let data = raw.pointee.data
    let lines = raw.pointee.linesize
    Self.add(change.luma, width: change.width, column: x, row: y, to: data.0, lineBytes: lines.0)
    for (values, plane, lineBytes) in [(change.blue, data.1, lines.1), (change.red, data.2, lines.2)] {
      let samples = change.samples(values, x: x, y: y, across: across, down: down)
      Self.add(
        samples.values, width: samples.width, column: samples.column, row: samples.row, to: plane,
        lineBytes: lineBytes)
    }
  }

  private static func add(
    _ changes: [Float], width: Int, column: Int, row: Int, to plane: UnsafeMutablePointer<UInt8>?, lineBytes: CInt
  ) {
    guard let plane else { return }
    for (index, change) in changes.enumerated() where change != 0 {
      let place = (row + index / width) * Int(lineBytes) + column + index % width
      plane[place] = UInt8(min(max((Float(plane[place]) + change).rounded(), 0), 255))
    }
  }
}

extension ColorDifference.Matrix {
  /// The colour matrix and range that a frame declares.
  fileprivate init(of frame: UnsafeMutablePointer<AVFrame>) {
    // Factors of red and blue differences when levels from 16 on become RGB, in 16.16.
    let factors = sws_getCoefficients(ScalerSettings.matrix(of: frame))
    func share(_ factor: CInt) -> Double { 1 - Double(factor) / 65536 * (224.0 / 255) / 2 }
    self.init(
      red: share(factors?[0] ?? 104_597), blue: share(factors?[1] ?? 132_201),
      isFullRange: frame.pointee.color_range == AVCOL_RANGE_JPEG)
  }
}
