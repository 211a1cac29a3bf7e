package import Faces
import Foundation
package import Imaging
package import Isolation
package import Media

/// Protocol between a scan and a decoder process.
///
/// The scan sends one `DecodeRequest` with the video's descriptor attached. The process replies with one `info`, then a
/// `frame` per sampled frame followed by one `crop` per face in it, and finally a `done` or a `failed`. If the request
/// asks for every video track, each further one begins with a `track`, and the same follows, or nothing where it is not
/// looked at.
package enum DecodeMessage {
  package enum Kind: UInt32 {
    case request = 1
    case info, frame, crop, done, failed, track
  }
}

extension WorkerConnection {
  /// Sends `value` as JSON.
  package borrowing func send(_ kind: DecodeMessage.Kind, _ value: some Encodable) throws {
    try send(WorkerMessage(kind: kind.rawValue, payload: Array(JSONEncoder().encode(value))))
  }
}

/// Request to decode one file.
package struct DecodeRequest: Codable, Sendable {
  package enum Content: String, Codable, Sendable { case video, picture }

  /// A frame with known faces from an earlier scan.
  package struct KnownFrame: Codable, Sendable {
    package var pts: Int64
    package var faces: [TrackedFace]

    package init(pts: Int64, faces: [TrackedFace]) {
      self.pts = pts
      self.faces = faces
    }
  }

  package var content = Content.video
  /// Position of the video stream among all streams; nil for the one that players show.
  package var track: Int?
  /// Whether all other video tracks are decoded too, each from its beginning.
  package var everyTrack = false
  /// Frames to decode instead of sampled ones, with their faces instead of detected ones; nil for a scan.
  package var known: [KnownFrame]?
  /// Recompression applied to the video before analysis; nil for none.
  package var recompression: Recompression?
  package var frames: Int
  package var mode: DecodeMode
  package var faces: FaceOrigin
  /// For `recut`, the usual face box, in fractions of the picture's width and height.
  package var usualFace: Box?
  /// Faces below it give no crop and are only counted; nil judges all. Known and whole-frame faces have no floor.
  package var qualityFloor: QualityFloor?
  package var framing: FaceFraming
  /// Side of a crop in pixels.
  package var cropSize: Int
  /// CPU time limit for this video, in seconds.
  package var cpuSeconds: Int

  package init(
    content: Content = Content.video,
    known: [KnownFrame]? = nil,
    recompression: Recompression? = nil,
    frames: Int,
    mode: DecodeMode,
    faces: FaceOrigin,
    usualFace: Box? = nil,
    qualityFloor: QualityFloor? = nil,
    framing: FaceFraming,
    cropSize: Int,
    cpuSeconds: Int
  ) {
    self.content = content
    self.known = known
    self.recompression = recompression
    self.frames = frames
    self.mode = mode
    self.faces = faces
    self.usualFace = usualFace
    self.qualityFloor = qualityFloor
    self.framing = framing
    self.cropSize = cropSize
    self.cpuSeconds = cpuSeconds
  }
}

/// Origin of the faces.
package enum FaceOrigin: String, Codable, Sendable, CaseIterable {
  /// A face detector and tracker.
  case detect
  /// The centre square of the picture, for footage that is already cropped.
  case wholeFrame = "whole-frame"
  /// The smallest square around the whole picture, its edges repeated; for face sets, which need all of it.
  case wholePicture = "whole-picture"
  /// The face of a picture that was cropped by others, detected again and framed as in a scan.
  case recut
}

/// One sampled frame: its time and its faces, in the order of the crops that follow.
package struct FrameMessage: Codable, Sendable {
  package var pts: Int64
  package var seconds: Double
  package var faces: [TrackedFace]
  /// Further faces, below the request's quality floor.
  package var lowQuality = 0
}

/// A video track of a file, in front of its frames.
package struct TrackMessage: Codable, Sendable {
  /// Why a track is not looked at.
  package enum Omission: String, Codable, Sendable {
    /// One frame, beside a track that has more.
    case still
    /// There are more tracks than are looked at.
    case limit
  }

  package var track: VideoTrack
  package var omission: Omission?
}

/// Why a video could not be decoded.
struct FailureMessage: Codable, Sendable {
  /// A raw value of `Verdicts.FailureReason`.
  var reason: String
  var message: String
}
