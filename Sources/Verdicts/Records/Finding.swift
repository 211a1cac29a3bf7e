public import Imaging

/// The verdict of one row with its basis; only consistent combinations can be created.
public struct Finding: Sendable, Hashable, Codable {
  public let verdict: Verdict
  /// P(fake); nil if and only if the verdict is `noFace` or `failed`, or the reason `lowQuality`.
  @ExplicitNull public private(set) var score: Double?
  /// Set if and only if the verdict is `failed`, or `undecided` without a score.
  @ExplicitNull public private(set) var reason: FailureReason?
  /// The reason in words.
  @ExplicitNull public private(set) var message: String?
  public let tracks: [TrackRecord]
  public let segments: [SegmentRecord]

  /// A video with faces.
  public static func judged(_ judgement: Judgement) -> Finding {
    Finding(
      verdict: judgement.verdict, score: judgement.score, tracks: judgement.tracks, segments: judgement.segments)
  }

  /// A decoded video without a face.
  public static let noFace = Finding(verdict: .noFace)

  /// A video whose faces are all below the quality floor.
  ///
  /// - Parameter frames: frames that show such faces and no other.
  public static func lowQuality(frames: Int) -> Finding {
    Finding(
      verdict: .undecided, reason: .lowQuality,
      message: "the faces in \(frames) \(frames == 1 ? "frame" : "frames") are too small, dark or blurred to judge")
  }

  /// A video without a verdict.
  public static func failed(_ reason: FailureReason, message: String) -> Finding {
    Finding(verdict: .failed, reason: reason, message: message)
  }

  private init(
    verdict: Verdict, score: Double? = nil, reason: FailureReason? = nil, message: String? = nil,
    tracks: [TrackRecord] = [], segments: [SegmentRecord] = []
  ) {
    self.verdict = verdict
    self.tracks = tracks
    self.segments = segments
    self.score = score
    self.reason = reason
    self.message = message
  }
}

/// One face in one frame, as recorded in a manifest.
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

/// One face over time, as recorded in a manifest.
public struct TrackRecord: Sendable, Hashable, Codable {
  public let id: Int
  public let boxes: [BoxRecord]
  public let score: Double
}

/// A suspicious segment: a run of a track's faces that all reach the upper threshold.
public struct SegmentRecord: Sendable, Hashable, Codable {
  public let track: Int
  /// Times of its first and last sampled frame; equal for a single frame.
  public let startMs: Int
  public let endMs: Int
  public let frames: Int
  public let peakScore: Double
}

/// A warning for the reviewer, in addition to the verdict.
public struct WarningRecord: Sendable, Hashable, Codable {
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    /// The decoder reported errors; frames may be damaged.
    case decodeErrors = "decode_errors"
    /// The file ends before its declared duration.
    case truncated
    /// The declared and the real duration differ.
    case duration
    /// Fewer frames were decoded than requested.
    case fewFrames = "few_frames"
    /// Decoded in an approximate mode.
    case approximate
    /// First pass only: the time budget did not permit a full pass.
    case firstPass = "quick_look"
    /// The scan's face-crop settings differ from those of the model's training.
    case cropSettings = "crop_contract"
    /// The scores of the faces vary more under small changes than those of unperturbed footage.
    case perturbedInput = "perturbed_input"
    /// Its folder could not be read in this run: the row is that of an earlier run.
    case stale
    /// The row of an earlier model, kept on request.
    case otherModel = "other_model"
    /// A hard link of another video, whose row it shares: decoded once.
    case hardLink = "hard_link"
    /// One of several video tracks was not looked at, or has the verdict instead of the one that players show.
    case videoTrack = "video_track"
    /// Anything else, described by the message.
    case other
  }

  public let code: Code
  public let message: String
  /// Number of occurrences, at least 1.
  public let count: Int

  public init(_ code: Code, _ message: String, count: Int = 1) {
    self.code = code
    self.message = message
    self.count = count
  }
}
