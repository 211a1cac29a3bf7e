import CFFmpeg

/// What a container says about its video before anything is decoded.
public struct VideoInfo: Sendable, Hashable, Codable {
  /// FFmpeg's names.
  public var container: String
  public var codec: String
  /// Size of the coded pictures, and of the upright pictures with square pixels.
  public var codedWidth: Int
  public var codedHeight: Int
  public var displayWidth: Int
  public var displayHeight: Int
  /// Seconds per tick of every `pts`, as a fraction.
  public var timeBaseNumerator: Int
  public var timeBaseDenominator: Int
  /// As the container declares it; nil when it does not.
  public var durationSeconds: Double?
  /// Frames a second on average; nil when it is not declared.
  public var frameRate: Double?
}

/// When a sampled frame is shown.
public struct SampledFrame: Sendable, Hashable {
  /// Ticks of the video's time base; the frame's number when the file has no timestamps.
  public var pts: Int64
  /// Since the first frame of the video.
  public var seconds: Double
}

/// How the sampling of one video went.
public struct SampleReport: Sendable, Hashable, Codable {
  public var asked: Int
  /// Frames that were delivered.
  public var decoded = 0
  /// Errors that the decoder reported, and the first few in words.
  public var decodeErrors = 0
  public var firstErrors: [String] = []
  /// Duration by the container's word, and by its packets.
  public var declaredSeconds: Double?
  public var reachedSeconds = 0.0
  /// Whether the data ends before the declared duration, or in the middle of a packet.
  public var truncated = false

  mutating func note(_ error: String) {
    decodeErrors += 1
    if firstErrors.count < 3 { firstErrors.append(error) }
  }
}

/// Versions of the libraries that decode.
public enum MediaVersions {
  /// By name, `major.minor.micro`.
  public static let libraries: [String: String] = [
    "libavformat": text(avformat_version()), "libavcodec": text(avcodec_version()),
    "libswscale": text(swscale_version()),
  ]

  private static func text(_ version: UInt32) -> String {
    "\(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)"
  }
}
