package import Imaging
import Media

/// What an attack on whole videos, or a report, and a decoder process say to each other, beside the requests of a scan.
///
/// - `watch`, with the video's descriptor: each frame of the video comes as a `frame`, followed by a `part` for each of
///   its faces, the pixels that the face's crop is made of.
/// - `keep`, with the descriptor of a `PatchSpool`: is kept for the next request.
/// - `excerpt`, with the video's descriptor: each frame of a stretch of the video comes as a `frame` with its one face,
///   followed by the face's crop as a `part` and the whole upright picture, made smaller, as a `picture`.
/// - `rewrite`, with the video's descriptor: the video with the patches comes as `output`, pieces of a file each behind
///   its position, and last as a `report`.
///
/// What is wrong with a video comes as `failed`.
package enum FilmMessage {
  package enum Kind: UInt32 {
    case watch = 101
    case keep, rewrite, frame, part, output, report, failed, excerpt, picture
  }
}

/// Which faces to show.
package struct WatchRequest: Codable, Sendable {
  /// A frame whose faces are known already.
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
  /// CPU time that this may take.
  package var cpuSeconds: Int

  package init(faces: FaceOrigin, framing: FaceFraming, cropSize: Int, known: [Known], cpuSeconds: Int) {
    self.faces = faces
    self.framing = framing
    self.cropSize = cropSize
    self.known = known
    self.cpuSeconds = cpuSeconds
  }
}

/// How to write the video anew.
struct RewriteRequest: Codable, Sendable {
  var film: FilmSettings
  var cpuSeconds: Int
}

/// One frame of a film that is watched.
package struct FilmFrame: Codable, Sendable {
  /// Position of its packet, by which the frame is called.
  package var packet: Int
  package var pts: Int64
  /// Size of the upright picture.
  package var width: Int
  package var height: Int
  package var faces: [Box]
  /// Whether the faces are those that the request named.
  package var isKnown: Bool

  /// Sizes and places that no honest decoder sends.
  var isNonsense: Bool {
    let sides = 1...65536
    return packet < 0 || !sides.contains(width) || !sides.contains(height) || faces.count > 256
      || faces.contains { face in
        !(0.5...65536).contains(face.width) || !(0.5...65536).contains(face.height)
          || !(-65536...131072).contains(face.x) || !(-65536...131072).contains(face.y)
      }
  }
}
