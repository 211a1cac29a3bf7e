import CFFmpeg

/// Rows of a frame that were taken at one time: all, or those of one field.
enum FrameRows {
  case all, topField, bottomField

  /// Colour samples that two fields share a place for must not be mixed between them.
  static func separate(in frame: UnsafeMutablePointer<AVFrame>) -> [FrameRows] {
    let format = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format))
    let sharesRows = (format?.pointee.log2_chroma_h ?? 0) > 0
    return frame.pointee.interlaced_frame != 0 && sharesRows ? [.topField, .bottomField] : [.all]
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
