package import Imaging
import Media

/// Protocol between video attacks or reports and a decoder process, in addition to the requests of a scan.
///
/// - `watch`, with the video's descriptor: returns each frame as a `frame`, followed by a `part` per face with the
///   pixels that the face's crop is made from.
/// - `keep`, with the descriptor of a `PatchSpool`: stores it for the next request.
/// - `excerpt`, with the video's descriptor: returns each frame of a time range as a `frame` with its one face,
///   followed by the face's crop as a `part` and the whole upright frame, scaled down, as a `picture`.
/// - `rewrite`, with the video's descriptor: returns the patched video as `output` messages, each a file offset
///   followed by bytes, and finally a `report`.
///
/// Problems with a video are returned as `failed`.
package enum TranscodeMessage {
  package enum Kind: UInt32 {
    case watch = 101
    case keep, rewrite, frame, part, output, report, failed, excerpt, picture
  }
}

/// Request for the faces of all frames.
package struct WatchRequest: Codable, Sendable {
  /// A frame with known faces.
  package struct Known: Codable, Sendable {
    package var pts: Int64
    package var faces: [Box]

    package init(pts: Int64, faces: [Box]) {
      self.pts = pts
      self.faces = faces
    }
  }

  package var faces: FaceOrigin
  package var framing: FaceFraming
  /// Side of a crop in pixels.
  package var cropSize: Int
  package var known: [Known]
  /// CPU time limit, in seconds.
  package var cpuSeconds: Int

  package init(faces: FaceOrigin, framing: FaceFraming, cropSize: Int, known: [Known], cpuSeconds: Int) {
    self.faces = faces
    self.framing = framing
    self.cropSize = cropSize
    self.known = known
    self.cpuSeconds = cpuSeconds
  }
}

/// Request to rewrite the video.
struct RewriteRequest: Codable, Sendable {
  var settings: TranscodeSettings
  var cpuSeconds: Int
}

/// One frame of a watched video.
package struct TranscodeFrame: Codable, Sendable {
  /// Packet index, which identifies the frame.
  package var packet: Int
  package var pts: Int64
  /// Size of the upright picture.
  package var width: Int
  package var height: Int
  package var faces: [Box]
  /// Whether the faces are those of the request.
  package var isKnown: Bool

  /// Whether sizes or positions are out of range, which makes the message invalid.
  var isNonsense: Bool {
    let sides = 1...65536
    return packet < 0 || !sides.contains(width) || !sides.contains(height) || faces.count > 256
      || faces.contains { face in
        !(0.5...65536).contains(face.width) || !(0.5...65536).contains(face.height)
          || !(-65536...131072).contains(face.x) || !(-65536...131072).contains(face.y)
      }
  }
}
