import Foundation
import Imaging
import Isolation
import Media

/// What the scan and a decoder process say to each other.
///
/// The scan sends one `DecodeRequest` with the video's descriptor attached. The process answers with one `info`,
/// then for each sampled frame a `frame` followed by one `crop` per face in it, and last a `done` or a `failed`.
enum DecodeMessage {
  enum Kind: UInt32 {
    case request = 1
    case info, frame, crop, done, failed
  }
}

extension WorkerConnection {
  /// Sends `value` as JSON.
  borrowing func send(_ kind: DecodeMessage.Kind, _ value: some Encodable) throws {
    try send(WorkerMessage(kind: kind.rawValue, payload: Array(JSONEncoder().encode(value))))
  }
}

/// What to do with one file.
struct DecodeRequest: Codable, Sendable {
  enum Content: String, Codable, Sendable { case video, picture }

  /// A frame whose faces are known from an earlier scan.
  struct KnownFrame: Codable, Sendable {
    var pts: Int64
    var faces: [FrameMessage.Face]
  }

  var content = Content.video
  /// Frames to look at instead of sampled ones, with their faces instead of a detector's; nil for a scan.
  var known: [KnownFrame]?
  /// How a video is coded once more before it is looked at; nil for not at all.
  var recompression: Recompression?
  var frames: Int
  var mode: DecodeMode
  var faces: FaceOrigin
  /// With `recut`, where the face is as a rule, in fractions of the picture's width and height.
  var usualFace: Box?
  var detector: String
  var framing: FaceFraming
  /// Side of a crop in pixels.
  var cropSize: Int
  /// CPU time that this video may take.
  var cpuSeconds: Int
}

/// Where crops come from.
public enum FaceOrigin: String, Codable, Sendable, CaseIterable {
  /// A face detector and tracker.
  case detect
  /// The centre square of the picture, for footage that is already cropped.
  case wholeFrame = "whole-frame"
  /// The one face of a picture that was cut out by others, found again and framed as a scan frames it.
  case recut
}

/// One sampled frame: its time and the faces in it, in the order in which their crops follow.
struct FrameMessage: Codable, Sendable {
  struct Face: Codable, Sendable {
    var track: Int
    var box: Box
    var confidence: Float
  }
  var pts: Int64
  var seconds: Double
  var faces: [Face]
}

/// Why a video could not be decoded.
struct FailureMessage: Codable, Sendable {
  /// A raw value of `Verdicts.FailureReason`.
  var reason: String
  var message: String
}
