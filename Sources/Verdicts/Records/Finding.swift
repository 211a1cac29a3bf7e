public import Imaging

/// The verdict of one row with what led to it; only combinations that make sense can be built.
public struct Finding: Sendable, Hashable, Codable {
  public let verdict: Verdict
  /// P(fake); nil exactly when the verdict is `noFace` or `failed`.
  @ExplicitNull public private(set) var score: Double?
  /// Not nil exactly when the verdict is `failed`.
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

  /// A video that was decoded and shows no face.
  public static let noFace = Finding(verdict: .noFace)

  /// A video about which nothing can be said.
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

/// Something that a moderator should know although there is a verdict.
public struct WarningRecord: Sendable, Hashable, Codable {
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    /// The decoder reported errors; frames may be damaged.
    case decodeErrors = "decode_errors"
    /// The file ends before its declared duration.
    case truncated
    /// The declared and the real duration differ.
    case duration
    /// Fewer frames could be decoded than were asked for.
    case fewFrames = "few_frames"
    /// Decoded in an approximate mode.
    case approximate
    /// Only the first pass (key frames) fitted in the time budget.
    case quickLook = "quick_look"
    /// The crops were made differently from those that the model was trained on.
    case cropSettings = "crop_contract"
    /// The scores of the faces differ more under small changes than those of unperturbed footage do.
    case perturbedInput = "perturbed_input"
    /// Its folder could not be read in this run: the row is that of an earlier run.
    case stale
    /// A hard link of another video, whose row it shares: decoded once.
    case hardLink = "hard_link"
    /// One of several video tracks was not looked at, or has the verdict instead of the one that players show.
    case videoTrack = "video_track"
    /// Anything else; the message says what.
    case other
  }

  public let code: Code
  public let message: String
  /// How often it happened, at least 1.
  public let count: Int

  public init(_ code: Code, _ message: String, count: Int = 1) {
    self.code = code
    self.message = message
    self.count = count
  }
}
