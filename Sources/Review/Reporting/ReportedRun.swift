import Decoder
import Digests
import Files
import Foundation
import Runs
import Scanning
import Scoring
import Verdicts

/// The manifest of a run, with the settings needed to decode its videos again.
struct ReportedRun {
  let manifest: Manifest
  let settings: ScanSettings
  /// Hash of `manifest.json`, lower-case hexadecimal.
  let sha256: String

  /// - Throws: `WorkflowError.input` when the folder holds no complete manifest.
  init(folder: String) throws(WorkflowError) {
    let path = folder + "/manifest.json"
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
      throw .input(
        path: folder, why: "it contains no readable manifest.json: name the output folder of a finished scan"
      )
    }
    do { manifest = try JSONDecoder().decode(Manifest.self, from: bytes) } catch {
      throw .input(path: path, why: "not a manifest of this version of assay: \(explanation(of: error))")
    }
    sha256 = SHA256.hexadecimal(of: bytes)
    settings = try ScanSettings(manifest.run.context.settings)
  }

  /// Explainer for the run's network behind the run's defence.
  func explainer(_ model: LoadedModel) throws -> FaceExplainer {
    try FaceExplainer(AttackModel(model, defence: settings.defence?.defence))
  }

  /// Indices of the videos to show with pictures, most suspicious first.
  func worthPictures(includesReal: Bool) -> [Int] {
    let wanted: Set<Verdict> = includesReal ? [.fake, .undecided, .real] : [.fake, .undecided]
    return manifest.videos.indices.filter { wanted.contains(manifest.videos[$0].finding.verdict) }
      .sorted { (-(manifest.videos[$0].finding.score ?? 0), $0) < (-(manifest.videos[$1].finding.score ?? 0), $1) }
  }

  /// Present absolute path of each video; nil if the path is not valid text.
  func files(_ moves: MovedRoots) -> [String?] {
    let here = FileManager.default.currentDirectoryPath
    return manifest.videos.map { video in
      let path = VideoPath(moves.path(video.source.path.bytes))
      guard path.percentEncoded == nil else { return nil }
      return path.text.hasPrefix("/") ? path.text : here + "/" + path.text
    }
  }
}

extension Finding {
  /// The track that has the video's score, the longest in case of a tie; nil without a score.
  var decidingTrack: TrackRecord? {
    let candidates = tracks.filter { $0.score == score }
    return candidates.max { ($0.boxes.count, -$0.id) < ($1.boxes.count, -$1.id) }
  }
}

extension TrackRecord {
  /// Indices in `boxes` of the faces that count in the track's trimmed mean, highest logit first.
  var counting: [Int] {
    let order = boxes.indices.sorted { (-boxes[$0].logit, $0) < (-boxes[$1].logit, $1) }
    let trimmed = Int(Double(boxes.count) * Judge.trimmedFraction)
    return Array(order.dropFirst(trimmed).dropLast(trimmed))
  }
}
