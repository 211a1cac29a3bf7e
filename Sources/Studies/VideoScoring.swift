import Media
import Scanning

/// A `VideoScorer` shared between calls; used by one thread at a time.
final class VideoScoring {
  private var scorer: VideoScorer

  init(_ plan: ScanPlan, _ settings: ScanSettings) throws {
    scorer = try VideoScorer(plan, settings, batch: 16, followSymlinks: true)
  }

  func score(_ path: String, recompressed recompression: Recompression? = nil) throws -> ScoredVideo {
    try scorer.score(Array(path.utf8), recompressed: recompression)
  }

  func logits(of crops: [[UInt8]]) throws -> [Float] { try scorer.logits(of: crops) }
}
