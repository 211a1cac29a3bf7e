public import Imaging

/// One face in one frame with the network's logit.
public struct FaceObservation: Sendable, Hashable {
  /// Time of the frame, in ticks of the video's time base and in milliseconds from the start of the video.
  public var pts: Int64
  public var timeMs: Int
  /// Box of the face, in pixels of the upright frame.
  public var box: Box
  /// Confidence of the face detector; its range depends on the detector.
  public var confidence: Double
  /// The network's output before any sigmoid; positive means fake.
  public var logit: Double

  public init(pts: Int64, timeMs: Int, box: Box, confidence: Double, logit: Double) {
    self.pts = pts
    self.timeMs = timeMs
    self.box = box
    self.confidence = confidence
    self.logit = logit
  }
}

/// One face over time.
public struct FaceTrack: Sendable, Hashable {
  /// Unique within the video.
  public var id: Int
  /// In order of time, at least one.
  public var observations: [FaceObservation]

  public init(id: Int, observations: [FaceObservation]) {
    self.id = id
    self.observations = observations
  }
}
