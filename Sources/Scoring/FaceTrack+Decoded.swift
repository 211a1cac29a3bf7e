package import Decoder
import Faces
import Imaging
package import Verdicts

extension FaceTrack {
  /// The faces of a decoded video, grouped by track.
  ///
  /// - Parameter logits: one per face, in the order of frames and faces.
  package static func tracks(of file: DecodedFile, logits: [Float]) -> [FaceTrack] {
    var tracks: [Int: FaceTrack] = [:]
    var index = 0
    for frame in file.frames {
      for face in frame.faces {
        let observation = FaceObservation(
          pts: frame.pts, timeMs: Int((frame.seconds * 1000).rounded()), box: face.box,
          confidence: Double(face.confidence), logit: Double(logits[index]))
        tracks[face.track, default: FaceTrack(id: face.track, observations: [])].observations.append(observation)
        index += 1
      }
    }
    return Array(tracks.values)
  }
}
