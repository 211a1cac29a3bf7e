package import Decoder
package import Media
import Scoring
package import Verdicts

/// Decodes and scores one file at a time, as a scan does.
package struct VideoScorer: ~Copyable {
  private let plan: ScanPlan
  private var client: DecoderClient
  private var scorer: FaceScorer

  package init(_ plan: ScanPlan, _ settings: ScanSettings, batch: Int, followSymlinks: Bool) throws {
    self.plan = plan
    client = DecoderClient(
      request: plan.request, detector: settings.faceDetector, timeoutSeconds: settings.timeoutSeconds,
      memoryMiB: settings.decoderMemoryMiB, filesPerProcess: 100, followSymlinks: followSymlinks)
    scorer = try plan.scorer(batch: batch)
  }

  /// - Parameter recompression: how the file is coded once more before; nil for not at all.
  /// - Throws: when no decoder process can be started; what is wrong with the file is in the result.
  package mutating func score(_ path: [UInt8], recompressed recompression: Recompression? = nil) throws -> ScoredVideo {
    var crops: [[UInt8]] = []
    let file = try client.decode(path, recompressed: recompression) { crops.append($0) }
    return ScoredVideo(number: 0, file: file, logits: try logits(of: crops))
  }

  /// The judgement of a video that is decoded already; nil without faces.
  package mutating func judgement(of file: DecodedFile, crops: [[UInt8]]) throws -> Judgement? {
    try scorer.judgement(of: file, crops: crops).judgement
  }

  /// The network's logits.
  package mutating func logits(of crops: [[UInt8]]) throws -> [Float] {
    try scorer.logits(of: crops)
  }

  /// The row that a scan would write.
  package func record(_ video: ScoredVideo) -> VideoRecord {
    VideoRecord(
      video, judge: plan.judge, context: plan.context, framesAsked: plan.request.frames, warnings: plan.warnings)
  }
}

extension DetectionRecord {
  /// Of the frames that a scan sampled.
  package init(_ file: DecodedFile) {
    self.init(tracksByFrame: file.frames.map { Set($0.faces.map(\.track)) })
  }
}
