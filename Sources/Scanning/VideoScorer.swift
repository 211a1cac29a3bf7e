package import Decoder
import Faces
package import Media
import Scoring
package import Verdicts

/// Decodes and scores one file at a time, as in a scan.
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

  /// - Parameters:
  ///   - recompression: recompression applied to the file first; nil for none.
  ///   - track: the video track; nil for the one that players show.
  /// - Throws: when no decoder process can be started; problems of the file are in the result.
  package mutating func score(
    _ path: [UInt8], recompressed recompression: Recompression? = nil, track: VideoTrack? = nil
  ) throws -> ScoredVideo {
    var crops: [[UInt8]] = []
    let file = try client.decode(path, recompressed: recompression, track: track?.stream) {
      crops.append($0)
    }
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
  /// Face detection in the frames sampled by a scan.
  package init(_ file: DecodedFile) {
    self.init(tracksByFrame: file.frames.map { Set($0.faces.map(\.track)) })
  }
}
