import CFFmpeg

/// All that a context of libswscale depends on.
struct ScalerSettings: Hashable {
  /// Where colour samples lie between pixels, in 256ths of a pixel; -513 leaves it to libswscale.
  private static let usualPlace: Int64 = -513

  private let format: AVPixelFormat
  private let width: Int
  private let height: Int
  private let targetWidth: Int
  private let targetHeight: Int
  private let target: AVPixelFormat
  private let matrix: CInt
  /// Nil when the frame does not say.
  private let isFullRange: Bool?
  private let chromaX: Int64
  private let chromaY: Int64

  /// For `source`, a part of the frame or of one of its fields, at a size.
  ///
  /// - Parameter isHDR: whether the result has 16 bits for each value instead of 8.
  init(
    _ frame: UnsafeMutablePointer<AVFrame>, _ source: PixelRectangle, width: Int, height: Int,
    rows: FrameRows,
    isHDR: Bool
  ) {
    target = isHDR ? shim_rgb48() : AV_PIX_FMT_RGB24
    format = AVPixelFormat(frame.pointee.format)
    (self.width, self.height) = (source.width, source.height)
    (targetWidth, targetHeight) = (width, height)
    matrix = Self.matrix(of: frame)
    switch frame.pointee.color_range {
    case AVCOL_RANGE_JPEG: isFullRange = true
    case AVCOL_RANGE_MPEG: isFullRange = false
    default: isFullRange = nil
    }
    (chromaX, chromaY) = Self.chromaPlace(of: frame, rows)
  }

  /// A new context, which the caller frees.
  func makeContext() throws(MediaError) -> OpaquePointer {
    guard let context = sws_alloc_context() else {
      throw .ffmpeg(call: "sws_alloc_context", code: shim_out_of_memory())
    }
    let isScaled = width != targetWidth || height != targetHeight
    let exact = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT
    let options: [(name: String, value: Int64)] = [
      ("srcw", Int64(width)), ("srch", Int64(height)), ("src_format", Int64(format.rawValue)),
      ("dstw", Int64(targetWidth)), ("dsth", Int64(targetHeight)),
      ("dst_format", Int64(target.rawValue)),
      ("sws_flags", Int64(isScaled ? SWS_AREA : exact)), ("src_h_chr_pos", chromaX),
      ("src_v_chr_pos", chromaY),
    ]
    for option in options { av_opt_set_int(UnsafeMutableRawPointer(context), option.name, option.value, 0) }
    guard sws_init_context(context, nil, nil) >= 0 else {
      sws_freeContext(context)
      throw .unsupported(what: "the pixel format of the frames")
    }
    setColors(of: context)
    return context
  }

  private func setColors(of context: OpaquePointer) {
    var tables: (UnsafeMutablePointer<CInt>?, UnsafeMutablePointer<CInt>?) = (nil, nil)
    var (sourceRange, targetRange, brightness, contrast, saturation): (CInt, CInt, CInt, CInt, CInt) = (0, 0, 0, 0, 0)
    // Some pixel formats imply their range.
    sws_getColorspaceDetails(
      context, &tables.0, &sourceRange, &tables.1, &targetRange, &brightness, &contrast, &saturation)
    if let isFullRange { sourceRange = isFullRange ? 1 : 0 }
    // Brightness 0, contrast and saturation 1 in 16.16. Without effect, and refused, where the source is RGB.
    sws_setColorspaceDetails(
      context, sws_getCoefficients(matrix), sourceRange, sws_getCoefficients(matrix), 1, 0, 1 << 16, 1 << 16)
  }

  /// The colour matrix that the frame declares; without one BT.709 for high definition, else BT.601, as players do.
  static func matrix(of frame: UnsafeMutablePointer<AVFrame>) -> CInt {
    switch frame.pointee.colorspace {
    case AVCOL_SPC_BT709: return SWS_CS_ITU709
    case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: return SWS_CS_ITU601
    case AVCOL_SPC_SMPTE240M: return SWS_CS_SMPTE240M
    case AVCOL_SPC_FCC: return SWS_CS_FCC
    case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: return SWS_CS_BT2020
    default:
      let sides = (frame.pointee.width, frame.pointee.height)
      return max(sides.0, sides.1) >= 1280 || min(sides.0, sides.1) > 576 ? SWS_CS_ITU709 : SWS_CS_ITU601
    }
  }

  /// Where the frame says that its colour samples lie; those of a field lie a quarter of its rows off their middle.
  ///
  /// Said only along the sides that have fewer colour samples than pixels: elsewhere libswscale would move them.
  private static func chromaPlace(
    of frame: UnsafeMutablePointer<AVFrame>, _ rows: FrameRows
  ) -> (x: Int64, y: Int64) {
    let (x, y): (Int64, Int64) =
      switch frame.pointee.chroma_location {
      case AVCHROMA_LOC_LEFT: (0, 128)
      case AVCHROMA_LOC_CENTER: (128, 128)
      case AVCHROMA_LOC_TOPLEFT: (0, 0)
      case AVCHROMA_LOC_TOP: (128, 0)
      case AVCHROMA_LOC_BOTTOMLEFT: (0, 256)
      case AVCHROMA_LOC_BOTTOM: (128, 256)
      default: (usualPlace, usualPlace)
      }
    let row: Int64 =
      switch rows {
      case .all: y
      case .topField: 64
      case .bottomField: 192
      }
    guard let format = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format)) else { return (x, row) }
    return (
      format.pointee.log2_chroma_w > 0 ? x : usualPlace, format.pointee.log2_chroma_h > 0 ? row : usualPlace
    )
  }
}
