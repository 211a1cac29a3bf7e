import CFFmpeg

/// Versions of the libraries that decode, for manifests.
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
