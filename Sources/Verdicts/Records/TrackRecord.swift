public import Imaging

/// One face in one frame, as a manifest has it.
public struct BoxRecord: Sendable, Hashable, Codable {
  public let pts: Int64
  public let timeMs: Int
  /// In pixels of the upright frame.
  public let box: Box
  public let confidence: Double
  public let logit: Double
  /// The calibrated probability of this face alone.
  public let score: Double

  init(_ face: FaceObservation, score: Double) {
    pts = face.pts
    timeMs = face.timeMs
    box = face.box.manifestRounded
    confidence = face.confidence.manifestRounded
    logit = face.logit.manifestRounded
    self.score = score
  }
}

/// One face over time, as a manifest has it.
public struct TrackRecord: Sendable, Hashable, Codable {
  public let id: Int
  public let boxes: [BoxRecord]
  public let score: Double
}

/// A stretch of a track whose faces all score as fake.
public struct SegmentRecord: Sendable, Hashable, Codable {
  public let track: Int
  /// Times of its first and its last sampled frame; equal when it is one frame.
  public let startMs: Int
  public let endMs: Int
  public let frames: Int
  public let peakScore: Double
}
