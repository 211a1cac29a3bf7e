import Decoder
import Media
import Pipeline
import Scoring
import Verdicts

/// Passes crops through, and adds to each borderline video the effect of recompression on its score.
///
/// Owns one decoder process, which also re-encodes.
struct RecompressStage: Stage, ~Copyable {
  static var name: String { "recompress" }

  /// Typical compression on upload, and settings that remove most detail.
  static let variants = [
    Recompression(crf: 23), Recompression(crf: 30), Recompression(crf: 40), Recompression(crf: 23, isHalfSize: true),
  ]

  private let thresholds: Thresholds
  private let distance: Double
  private var scorer: VideoScorer
  private let onActivity: @Sendable (String) -> Void
  /// The crops of videos whose end is yet to come.
  private var pending: [Int: [[UInt8]]] = [:]

  /// - Parameters:
  ///   - distance: distance from a threshold within which a score is borderline.
  ///   - onActivity: called with the video that is re-encoded.
  init(
    _ plan: ScanPlan, _ settings: ScanSettings, distance: Double, followSymlinks: Bool,
    onActivity: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.onActivity = onActivity
    thresholds = plan.judge.thresholds
    self.distance = distance
    scorer = try VideoScorer(plan, settings, batch: 16, followSymlinks: followSymlinks)
  }

  mutating func process(_ item: ScanItem, emit: (ScanItem) -> Void) throws {
    switch item {
    case .crop(let video, let pixels, _):
      pending[video, default: []].append(pixels)
      emit(item)
    case .end(let video, let file, let count, var extras):
      let crops = pending.removeValue(forKey: video) ?? []
      extras.recompression = try file.failure == nil && file.canary == nil ? recompress(file, crops) : nil
      emit(.end(video: video, file: file, crops: count, extras: extras))
    }
  }

  /// - Returns: nil for a video without a score, or with one that is not borderline.
  private mutating func recompress(_ file: DecodedFile, _ crops: [[UInt8]]) throws -> RecompressionRecord? {
    guard let judgement = try scorer.judgement(of: file, crops: crops),
      thresholds.isBorderline(judgement.score, distance: distance)
    else { return nil }
    var variants: [RecompressionRecord.Variant] = []
    defer { onActivity("") }
    for recompression in Self.variants {
      onActivity(
        "re-encoding \(file.shownName), CRF \(recompression.crf)\(recompression.isHalfSize ? ", half size" : "")")
      let finding = scorer.record(
        try scorer.score(file.path, recompressed: recompression, track: file.track)
      ).finding
      variants.append(
        .init(
          crf: recompression.crf, isHalfSize: recompression.isHalfSize, score: finding.score, verdict: finding.verdict))
    }
    return RecompressionRecord(
      of: judgement.verdict, score: judgement.score, distance: distance, variants: variants)
  }
}
