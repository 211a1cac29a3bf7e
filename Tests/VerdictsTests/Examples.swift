import Imaging
import Verdicts

/// Values that several tests use.
enum Examples {
  static let sha256 = String(repeating: "0a", count: 32)

  static let context = ScanContext(
    model: ModelRecord(name: "paper-cnn", sha256: sha256), thresholds: Thresholds(real: 0.4, fake: 0.7),
    detector: "standard-0123456789ab", decoder: DecoderRecord(name: "ffmpeg", versions: ["libavcodec": "59.37.100"]),
    settings: SettingsRecord(values: ["frames": "16", "decode": "exact"], hash: sha256))

  static let judge = Judge(thresholds: context.thresholds)

  /// A track whose faces are 100 ms apart and have these logits.
  static func track(_ id: Int, _ logits: [Double], firstPts: Int64 = 0) -> FaceTrack {
    FaceTrack(
      id: id,
      observations: logits.enumerated().map { index, logit in
        let pts = firstPts + Int64(index)
        return FaceObservation(
          pts: pts, timeMs: Int(pts) * 100, box: Box(x: 10.5, y: 20, width: 100, height: 120), confidence: 1.25,
          logit: logit)
      })
  }

  static func source(_ path: VideoPath) -> VideoSource {
    VideoSource(
      path: path, sizeBytes: 123_456, mtime: Timestamp(nanosecondsSinceEpoch: 1_700_000_000_123_456_789),
      sha256: sha256)
  }

  static func judged(_ path: VideoPath, _ tracks: [FaceTrack]) throws -> VideoRecord {
    guard let judgement = try judge.judge(tracks) else { return failed(path) }
    return VideoRecord(
      source: source(path),
      content: VideoContent(
        durationSeconds: 10.0000004, timeBase: TimeBase(numerator: 1, denominator: 15360),
        frames: FrameCounts(asked: 16, decoded: 16, withFaces: 12),
        container: "mov,mp4,m4a,3gp,3g2,mj2", codec: "h264"),
      finding: .judged(judgement), context: context)
  }

  static func failed(
    _ path: VideoPath, _ reason: FailureReason = .truncated, _ message: String = "ends after 0.1 s"
  ) -> VideoRecord {
    VideoRecord(
      source: VideoSource(path: path), content: VideoContent(frames: FrameCounts(asked: 16)),
      finding: .failed(reason, message: message), context: context)
  }

  static func lowQuality(_ path: VideoPath) -> VideoRecord {
    VideoRecord(
      source: source(path),
      content: VideoContent(durationSeconds: 2, frames: FrameCounts(asked: 16, decoded: 16, lowQuality: 9)),
      finding: .lowQuality(frames: 9), context: context)
  }

  static func noFace(_ path: VideoPath) -> VideoRecord {
    VideoRecord(
      source: source(path), content: VideoContent(durationSeconds: 2, frames: FrameCounts(asked: 16, decoded: 16)),
      finding: .noFace, warnings: [WarningRecord(.decodeErrors, "3 frames are damaged", count: 3)], context: context)
  }

  /// One row of every kind, every optional part present in one of them.
  static func all() throws -> [VideoRecord] {
    var perturbed = try judged("z/fake.mp4", [track(1, [3, 4, 5, 6, -2]), track(2, [-1, -2])])
    perturbed.setPerturbation(
      PerturbationRecord(
        attack: "fgsm", norm: "linf", epsilon: 0.03, seed: 7, settings: ["steps": "1"],
        effect: PerturbationEffect(
          perturbedVerdict: .real, faces: 7, misclassified: 5, largestLinf: 0.03, meanL2: 9.5, meanL0: 65_000,
          detection: DetectionChange(
            clean: DetectionRecord(tracksByFrame: [[1], [1, 2]]), perturbed: DetectionRecord(tracksByFrame: [[1], []])))
      ),
      cleanScore: 0.98, perturbedScore: 0.1)
    perturbed.margin = MarginRecord(levels: 3, upTo: 32)
    perturbed.recompression = RecompressionRecord(
      of: .fake, score: 0.98, distance: 0.1,
      variants: [
        .init(crf: 23, isHalfSize: false, score: 0.6, verdict: .undecided),
        .init(crf: 23, isHalfSize: true, score: nil, verdict: .noFace),
      ])
    perturbed.setPerturbedInput(PerturbedInputRecord(disagreement: 0.5, threshold: 0.75, falseAlarmRate: 0.05))
    perturbed.secondOpinion = SecondOpinionRecord(model: context.model, score: 0.25)
    perturbed.dynamicRange = .hlg
    perturbed.deinterlacedFrames = 16
    perturbed.videoTracks = [
      VideoTrackRecord(
        stream: 0, codec: "h264", width: 640, height: 480, finding: perturbed.finding,
        isDeciding: true),
      VideoTrackRecord(
        stream: 2, codec: "hevc", width: 64, height: 48, finding: .noFace, isDeciding: false),
      VideoTrackRecord(
        stream: 3, codec: "hevc", width: 4032, height: 3024, finding: nil, isDeciding: false),
    ]
    var wall = noFace("b/wall.mp4")
    wall.secondOpinion = SecondOpinionRecord(model: context.model, score: nil)
    perturbed.source.root = "z"
    var named = try judged(VideoPath([0x62, 0x2F, 0xFF, 0x25, 0x20]), [track(1, [0.2, 0.3])])
    named.source.root = VideoPath([0x62, 0x2F, 0xFF])
    return [
      perturbed, try judged("a/real.mp4", [track(1, [-3, -4])]), failed("m/broken.mp4"), wall,
      named,
    ]
  }

  /// Of all rows.
  static func distribution() throws -> RunDistribution {
    try all().reduce(into: RunDistribution()) { $0.add($1) }
  }

  static func header(_ summary: RunSummary, startedAt: Int64 = 0) -> RunHeader {
    RunHeader(
      assayVersion: "0.1.0", startedAt: Timestamp(nanosecondsSinceEpoch: startedAt),
      finishedAt: Timestamp(nanosecondsSinceEpoch: startedAt + 1), host: "night-1", isComplete: true, counts: summary,
      distribution: try? distribution(), context: context,
      modelCard: ModelCardRecord(Calibration(scale: 1, offset: 0, prevalence: 0.5), limits: "knows drawings"),
      keptRows: KeptRowsRecord(
        videos: 1, openedFrom: Timestamp(nanosecondsSinceEpoch: 0), openedTo: Timestamp(nanosecondsSinceEpoch: 1)),
      folderFailures: [
        FolderFailure(path: VideoPath([0x62, 0x2F, 0xFF]), errno: 13, message: "Permission denied"),
        FolderFailure(path: "c", errno: 2, message: "No such file or directory"),
      ])
  }
}
