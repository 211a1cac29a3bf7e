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
