import CFFmpeg
import Imaging

/// How the frames of a stream differ from progressive pictures of SDR, as far as the container tells.
struct StreamTraits {
  private static let assumedPeak = 1000.0

  /// First field of frames in order of time; nil where the container does not say that there are fields.
  private var firstField: FrameRows?
  private var isHEVC = false
  /// Whether there is a channel of transparency that is not decoded, as that of VP8 and VP9 in WebM.
  private(set) var hasSeparateAlpha = false
  /// Brightest light of the content in cd/m²; nil when it is not declared.
  private var peak: Double?

  /// Nothing but what the frames say.
  init() {}

  /// - Parameter declaresFields: whether the container says that there are fields; otherwise FFmpeg's parser took their
  ///   order from the first frames, which says nothing of the others.
  init(_ stream: UnsafeMutablePointer<AVStream>, declaresFields: Bool) {
    let parameters = stream.pointee.codecpar.pointee
    isHEVC = parameters.codec_id == AV_CODEC_ID_HEVC
    if declaresFields {
      firstField =
        switch parameters.field_order {
        // Of interleaved fields the first letter names the one that was taken first, whatever FFmpeg's header says: as
        // QuickTime's files have it (SpatialFirstLineEarly), and FFmpeg's own encoders and decoders.
        case AV_FIELD_TT, AV_FIELD_TB: .topField
        case AV_FIELD_BB, AV_FIELD_BT: .bottomField
        default: nil
        }
    }
    peak = Self.peak(of: stream)
    if [AV_CODEC_ID_VP8, AV_CODEC_ID_VP9].contains(parameters.codec_id),
      let mode = av_dict_get(stream.pointee.metadata, "alpha_mode", nil, 0)
    {
      hasSeparateAlpha = String(cString: mode.pointee.value) != "0"
    }
  }

  /// The same for pictures that were coded again: they have no fields but those that they are given.
  var recoded: StreamTraits {
    var recoded = StreamTraits()
    recoded.peak = peak
    return recoded
  }

  /// The field of a frame that was taken first; nil for a progressive frame.
  func firstField(of frame: UnsafeMutablePointer<AVFrame>) -> FrameRows? {
    guard frame.pointee.interlaced_frame != 0 else { return firstField }
    // A field of HEVC is a picture of its own.
    guard !isHEVC else { return nil }
    return frame.pointee.top_field_first != 0 ? .topField : .bottomField
  }

  /// How a frame becomes SDR; nil when it is.
  func toneMapping(of frame: UnsafeMutablePointer<AVFrame>) -> ToneMapping? {
    guard let range = DynamicRange(of: frame) else { return nil }
    let primaries: ToneMap.Primaries =
      switch frame.pointee.color_primaries {
      case AVCOL_PRI_BT709: .bt709
      case AVCOL_PRI_SMPTE432: .p3
      default: .bt2020
      }
    return ToneMapping(range: range, primaries: primaries, peak: peak ?? Self.assumedPeak)
  }

  /// The brightest pixel by the container's word, else the brightest light of the display that the content was graded
  /// on.
  ///
  /// What the pictures themselves carry does not count: which frames have it depends on where decoding started.
  private static func peak(of stream: UnsafeMutablePointer<AVStream>) -> Double? {
    func sideData<Value>(_ kind: AVPacketSideDataType, as type: Value.Type) -> Value? {
      var size = 0
      guard let bytes = av_stream_get_side_data(stream, kind, &size),
        size >= MemoryLayout<Value>.size
      else {
        return nil
      }
      return UnsafeRawPointer(bytes).loadUnaligned(as: type)
    }
    if let level = sideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, as: AVContentLightMetadata.self),
      level.MaxCLL > 0
    {
      return Double(level.MaxCLL)
    }
    guard
      let display = sideData(
        AV_PKT_DATA_MASTERING_DISPLAY_METADATA, as: AVMasteringDisplayMetadata.self),
      display.has_luminance != 0, display.max_luminance.num > 0, display.max_luminance.den > 0
    else { return nil }
    return av_q2d(display.max_luminance)
  }
}

/// A transfer function of high dynamic range.
public enum DynamicRange: String, Sendable, Hashable, Codable {
  /// SMPTE ST 2084, as in HDR10 and Dolby Vision.
  case pq
  /// Hybrid log-gamma, ARIB STD-B67.
  case hlg

  /// Nil for SDR.
  init?(of frame: UnsafeMutablePointer<AVFrame>) {
    switch frame.pointee.color_trc {
    case AVCOL_TRC_SMPTE2084: self = .pq
    case AVCOL_TRC_ARIB_STD_B67: self = .hlg
    default: return nil
    }
  }
}

/// All that a `ToneMap` depends on.
struct ToneMapping: Hashable {
  var range: DynamicRange
  var primaries: ToneMap.Primaries
  var peak: Double

  /// Its tables take milliseconds.
  func makeMap() -> ToneMap { ToneMap(range == .pq ? .pq : .hlg, primaries: primaries, peak: peak) }
}
