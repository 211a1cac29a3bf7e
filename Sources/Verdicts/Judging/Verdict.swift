import Imaging

/// The verdict on one video.
public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  /// The score lies below the lower threshold.
  case real
  /// The score reaches the upper threshold.
  case fake
  /// The score lies between the thresholds, or there is none because no face is good enough (`FailureReason.lowQuality`).
  case undecided
  /// Enough frames were decoded, and no face was found.
  case noFace = "no_face"
  /// No verdict; a `FailureReason` gives the cause.
  case failed

  /// The verdict for readers. A score below the lower threshold does not establish that a video is authentic.
  public var phrase: String {
    switch self {
    case .real: "no sign of manipulation found"
    case .fake, .undecided, .failed: rawValue
    case .noFace: "no face"
    }
  }

  /// `phrase` for a narrow column.
  public var shortPhrase: String { self == .real ? "no sign found" : phrase }
}

/// Why a video has no score: `failed`, or `undecided` because of `lowQuality`.
public enum FailureReason: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  /// The file cannot be read.
  case unreadable
  /// Not a video: text, a picture, or audio only.
  case notVideo = "not_video"
  /// A video in an unsupported container or codec.
  case unsupported
  case encrypted
  /// It ends before enough frames could be decoded.
  case truncated
  /// It needs more memory, pixels or streams than allowed.
  case limit
  case timeout
  /// The decoder process crashed on it.
  case crashed
  /// The file changed while it was read.
  case changed
  /// A kind of file that is never opened: a link, a FIFO, a device, a playlist.
  case refused
  /// All its faces are too small, dark or blurred to judge; its verdict is `undecided`.
  case lowQuality = "low_quality"
}

extension Double {
  /// Rounded to 6 decimals, like every fraction in a manifest, so that equal inputs give equal digits, and values derived
  /// from recorded numbers are exact.
  var manifestRounded: Double {
    // Adding zero turns −0 into 0.
    let rounded = (self * 1_000_000).rounded() / 1_000_000 + 0
    // Values beyond 2^53 millionths have no more fraction digits.
    return abs(self) < 9e9 ? rounded : self
  }
}

extension Box {
  /// The box as recorded.
  var manifestRounded: Box {
    Box(x: x.manifestRounded, y: y.manifestRounded, width: width.manifestRounded, height: height.manifestRounded)
  }
}
