import CFFmpeg

/// How films are coded.
public enum FilmCodec: String, Sendable, Hashable, Codable, CaseIterable {
  case h264, h265

  /// As people write it.
  public var title: String { self == .h264 ? "H.264" : "H.265" }

  /// Whether the FFmpeg at hand can code it.
  public var isAvailable: Bool { avcodec_find_encoder_by_name(encoderName) != nil }

  var encoderName: String { self == .h264 ? "libx264" : "libx265" }

  /// What the encoder is always told: no threads of its own beside the one that it cannot do without, and no messages.
  var options: [String: String] {
    self == .h264 ? [:] : ["x265-params": "log-level=none:pools=none:frame-threads=1"]
  }
}
