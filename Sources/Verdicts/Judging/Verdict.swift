import Imaging

/// What is said about one video.
public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  /// The score lies below the lower threshold.
  case real
  /// The score reaches the upper threshold.
  case fake
  /// The score lies between the thresholds.
  case undecided
  /// Enough frames were decoded and none shows a face.
  case noFace = "no_face"
  /// Nothing can be said; a `FailureReason` says why.
  case failed
}

/// Why a video has no verdict.
public enum FailureReason: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  /// The file system does not let us read it.
  case unreadable
  /// It is no video: text, a picture, sound only.
  case notVideo = "not_video"
  /// A video in a container or codec that is not decoded here.
  case unsupported
  case encrypted
  /// It ends before enough frames could be decoded.
  case truncated
  /// It needs more memory, pixels or streams than allowed.
  case limit
  case timeout
  /// The decoder process crashed on it.
  case crashed
  /// It was written to while it was read.
  case changed
  /// It is something that is never opened: a link, a FIFO, a device, a playlist.
  case refused
}

extension Double {
  /// Rounded to 6 decimals, as every fraction in a manifest is: the same input gives the same digits, and what is
  /// derived from recorded numbers is derived exactly.
  var manifestRounded: Double {
    // Adding zero turns −0 into 0.
    let rounded = (self * 1_000_000).rounded() / 1_000_000 + 0
    // Beyond 2^53 millionths there is nothing left to round.
    return abs(self) < 9e9 ? rounded : self
  }
}

extension Box {
  /// The box as it is recorded.
  var manifestRounded: Box {
    Box(x: x.manifestRounded, y: y.manifestRounded, width: width.manifestRounded, height: height.manifestRounded)
  }
}
