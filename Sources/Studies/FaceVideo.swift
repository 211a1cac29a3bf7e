import Decoder
import Foundation
import Imaging
import Media
import Runs
import Scanning
import Scoring
import Training
import Verdicts

/// Neighbouring frames of one face as square crops, clean and perturbed.
struct FaceClip: Sendable {
  var clean: [Frame]
  var attacked: [Frame]

  init(clean: [Frame], attacked: [Frame]) {
    precondition(clean.count == attacked.count, "\(clean.count) and \(attacked.count) frames")
    self.clean = clean
    self.attacked = attacked
  }

  /// - Parameter side: side of a frame in pixels.
  /// - Throws: `WorkflowError.input` when the file is missing or its size does not match.
  init(path: String, side: Int) throws(WorkflowError) {
    guard let bytes = FileManager.default.contents(atPath: path), bytes.count % (side * side * 6) == 0 else {
      throw .input(path: path, why: "the clips of a finished cell are missing: start over with --restart")
    }
    let frameBytes = side * side * 3
    let frames = stride(from: 0, to: bytes.count, by: frameBytes).map { start in
      Frame(width: side, height: side, pixels: Array(bytes[start..<(start + frameBytes)]))
    }
    self.init(clean: Array(frames.prefix(frames.count / 2)), attacked: Array(frames.suffix(frames.count / 2)))
  }

  /// Writes the raw pixels of all frames, clean frames first.
  func write(to path: String) throws(WorkflowError) {
    try writeOutput((clean + attacked).flatMap(\.pixels), to: path)
  }
}

/// Finds the face with the most observations in a video and cuts neighbouring frames of it; used by one thread at a
/// time.
final class FaceClipCutter {
  private let plan: ScanPlan
  private let scoring: VideoScoring
  private var transcoder: TranscodeClient

  init(_ plan: ScanPlan, _ settings: ScanSettings) throws {
    self.plan = plan
    scoring = try VideoScoring(plan, settings)
    transcoder = TranscodeClient(
      detector: settings.faceDetector, timeoutSeconds: settings.timeoutSeconds,
      memoryMiB: settings.decoderMemoryMiB, followSymlinks: true)
  }

  /// - Returns: crops of the network's input size around the middle observation of the face; empty if the video has no
  ///   face or cannot be decoded.
  func clip(_ path: String, frames count: Int) throws -> [Frame] {
    let video = try scoring.score(path)
    let tracks = FaceTrack.tracks(of: video.file, logits: video.logits).sorted { $0.id < $1.id }
    guard let info = video.file.info, let track = tracks.max(by: { $0.observations.count < $1.observations.count })
    else { return [] }
    let middle = track.observations[track.observations.count / 2].pts
    let ticks = Double(info.timeBaseDenominator) / Double(info.timeBaseNumerator) / (info.frameRate ?? 25)
    // One extra frame at each end, because frame rates are averages.
    let reach = Int64((Double(count + 2) / 2 * ticks).rounded(.up))
    let excerpt = ExcerptRequest(
      from: middle - reach, to: middle + reach,
      face: track.observations.map {
        .init(pts: $0.pts, box: Box(x: $0.box.x, y: $0.box.y, width: $0.box.width, height: $0.box.height))
      }, framing: plan.request.framing, cropSize: plan.request.cropSize, longestSide: 16,
      cpuSeconds: plan.request.cpuSeconds)
    var found: [Frame] = []
    try transcoder.excerpt(Array(path.utf8), excerpt) { frame in if found.count < count { found.append(frame.crop) } }
    return found
  }
}
