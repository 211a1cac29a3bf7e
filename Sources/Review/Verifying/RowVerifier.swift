import Decoder
import Faces
import Foundation
import Imaging
import Media
import Models
import Runs
import Scanning
import Scoring
import Verdicts

/// Re-derives the verdict of a row: from its logits, and from the video at the recorded times and boxes.
struct RowVerifier: ~Copyable {
  /// Maximum difference, due to rounding, of logits and scores of the same pixels between machines.
  static let tolerance = 0.001

  private let model: LoadedModel
  private let options: VerifyOptions
  /// Both are configured for the settings of the previous row; nil before the first row.
  private var scorer: FaceScorer
  private var decoder: DecoderClient
  private var settings: (record: SettingsRecord, scan: ScanSettings)?
  private var detector: FaceDetectorChoice
  /// The face detectors at hand, by the name that rows record: the program's own, and that of a given file.
  private let detectors: [String: FaceDetectorChoice]

  init(_ model: LoadedModel, _ options: VerifyOptions) throws {
    // What can throw comes before the first stored property that must be destroyed.
    let scorer = try Self.scorer(AttackModel(model))
    let detectors = try Self.detectors(options)
    let request = DecodeRequest(
      frames: 1, mode: .exact, faces: .detect, framing: FaceFraming(margin: 0), cropSize: 1,
      cpuSeconds: 1)
    self.model = model
    self.options = options
    self.scorer = scorer
    self.detectors = detectors
    detector = options.faceDetector
    decoder = Self.decoder(request, options.faceDetector, memoryMiB: DecoderClient.defaultMemoryMiB)
  }

  private static func detectors(_ options: VerifyOptions) throws -> [String: FaceDetectorChoice] {
    var detectors = [options.detectorName: options.faceDetector]
    for kind in FaceDetectorKind.allCases where !kind.needsModelFile {
      let choice = FaceDetectorChoice(kind)
      detectors[try choice.checkedName()] = choice
    }
    return detectors
  }

  mutating func check(_ record: VideoRecord) throws -> VideoCheck {
    let path = record.source.path
    guard record.context.model.sha256 == model.sha256 else {
      return VideoCheck(
        path: path, state: .unchecked,
        differences: [
          .init(
            what: "model", recorded: "\(record.context.model.name) \(record.context.model.sha256.prefix(12))",
            derived: "\(model.detector.name) \(model.sha256.prefix(12))")
        ])
    }
    scorer.judge = Judge(model.detector, thresholds: record.context.thresholds)
    // The row must be consistent with its own logits, whatever has happened to the video.
    var differences = try own(record) + ownTracks(record)
    let file = try decode(record)
    let state: VideoCheck.State
    var reason: String?
    if file.file.status == nil {
      // Not a new problem if the file could not be opened during the scan either.
      state = record.source.sha256 == nil ? .noVerdict : .missing
      reason = file.file.failure?.message
    } else if let before = record.source.sha256, file.file.sha256 != before {
      state = .changed
      differences.append(.init(what: "sha256", recorded: before, derived: file.file.sha256 ?? "unreadable"))
    } else if record.finding.verdict == .failed {
      state = .noVerdict
    } else {
      let derived = try compare(record, file)
      differences += derived.differences
      state = derived.state
    }
    // An inconsistent row is wrong even if the video is gone.
    let contradicts = differences.contains { $0.what.hasPrefix("own ") }
    return VideoCheck(path: path, state: contradicts ? .differs : state, differences: differences, reason: reason)
  }

  /// Compares the row with what follows from its recorded logits.
  private func own(_ record: VideoRecord) throws -> [VideoCheck.Difference] {
    let finding = record.finding
    let tracks = finding.tracks.map { track in
      FaceTrack(
        id: track.id,
        observations: track.boxes.map {
          FaceObservation(pts: $0.pts, timeMs: $0.timeMs, box: $0.box, confidence: $0.confidence, logit: $0.logit)
        })
    }
    guard let judgement = try scorer.judge.judge(tracks) else {
      return finding.score == nil ? [] : [.init(what: "own score", recorded: "\(finding.score ?? 0)", derived: "none")]
    }
    var differences = Self.difference("own score", finding.score, judgement.score)
    if finding.verdict != judgement.verdict {
      differences.append(
        .init(what: "own verdict", recorded: finding.verdict.rawValue, derived: judgement.verdict.rawValue))
    }
    return differences
  }

  /// Compares the video track that the row is about with what follows from the entries of all tracks.
  private func ownTracks(_ record: VideoRecord) -> [VideoCheck.Difference] {
    guard let tracks = record.videoTracks else { return [] }
    func words(_ track: VideoTrackRecord?) -> String {
      guard let track, let verdict = track.verdict else { return "none" }
      return "stream \(track.stream), \(verdict.rawValue)" + (track.score.map { ", \($0)" } ?? "")
    }
    let deciding = tracks.filter(\.isDeciding)
    let derived = VideoTrackRecord.mostSuspicious(of: tracks).map { tracks[$0] }
    guard deciding.count == 1, deciding.first == derived else {
      let recorded = deciding.map(words).joined(separator: "; ")
      return [.init(what: "own deciding track", recorded: recorded, derived: words(derived))]
    }
    guard derived?.verdict == record.finding.verdict, derived?.score == record.finding.score else {
      let own = record.finding.verdict.rawValue + (record.finding.score.map { ", \($0)" } ?? "")
      return [.init(what: "own verdict", recorded: own, derived: words(derived))]
    }
    return []
  }

  /// Compares the row with what follows from the video.
  private func compare(
    _ record: VideoRecord, _ scored: ScoredVideo
  ) throws -> (state: VideoCheck.State, differences: [VideoCheck.Difference]) {
    let finding = record.finding
    if let failure = scored.file.failure {
      return (.differs, [.init(what: "verdict", recorded: finding.verdict.rawValue, derived: failure.message)])
    }
    if finding.isWithoutFaces {
      guard canDetect(record) else {
        return (.unchecked, [.init(what: "detector", recorded: record.context.detector, derived: "not at hand")])
      }
      let found = [
        ("faces", 0, scored.file.cropCount),
        ("frames of low quality", record.content.frames.lowQuality, scored.file.lowQualityFrames),
      ].filter { $0.1 != $0.2 }
      return (
        found.isEmpty ? .same : .differs, found.map { .init(what: $0.0, recorded: "\($0.1)", derived: "\($0.2)") }
      )
    }
    var fresh: [Int64: [Float]] = [:]
    var index = 0
    for frame in scored.file.frames {
      fresh[frame.pts] = Array(scored.logits[index..<(index + frame.faces.count)])
      index += frame.faces.count
    }
    var differences: [VideoCheck.Difference] = []
    var tracks = finding.tracks.map { FaceTrack(id: $0.id, observations: []) }
    var worst: (gap: Double, difference: VideoCheck.Difference)?
    for (number, track) in finding.tracks.enumerated() {
      for box in track.boxes {
        guard let logit = fresh[box.pts]?.first else {
          differences.append(.init(what: "frame at pts \(box.pts)", recorded: "decoded", derived: "not there"))
          continue
        }
        fresh[box.pts]?.removeFirst()
        let gap = abs(Double(logit) - box.logit)
        if gap > max(worst?.gap ?? 0, Self.tolerance) {
          worst = (gap, .init(what: "logit at pts \(box.pts)", recorded: "\(box.logit)", derived: "\(logit)"))
        }
        tracks[number].observations.append(
          FaceObservation(
            pts: box.pts, timeMs: box.timeMs, box: box.box, confidence: box.confidence, logit: Double(logit)))
      }
    }
    if let worst { differences.append(worst.difference) }
    if let judgement = try scorer.judge.judge(tracks.filter { !$0.observations.isEmpty }) {
      differences += Self.difference("score", finding.score, judgement.score)
      let isClose = abs(judgement.score - (finding.score ?? -1)) <= Self.tolerance
      if judgement.verdict != finding.verdict, !isClose {
        differences.append(
          .init(what: "verdict", recorded: finding.verdict.rawValue, derived: judgement.verdict.rawValue))
      }
    }
    return (differences.isEmpty ? .same : .differs, differences)
  }

  /// The video's logits at the recorded faces or, for a row without faces, at freshly sampled frames.
  private mutating func decode(_ record: VideoRecord) throws -> ScoredVideo {
    var byTime: [Int64: [Box]] = [:]
    for box in record.finding.tracks.flatMap(\.boxes) {
      byTime[box.pts, default: []].append(box.box)
    }
    let known = byTime.sorted { $0.key < $1.key }.map { pts, boxes in
      DecodeRequest.KnownFrame(
        pts: pts, faces: boxes.enumerated().map { TrackedFace(track: $0, box: $1, confidence: 0) })
    }
    let ownDetector = detectors[record.context.detector] ?? options.faceDetector
    if settings?.record != record.context.settings || detector != ownDetector {
      detector = ownDetector
      let now = try ScanSettings(record.context.settings)
      decoder = Self.decoder(
        now.request(for: model.detector.cropSettings), detector, memoryMiB: now.decoderMemoryMiB)
      if now.defence != settings?.scan.defence {
        let judge = scorer.judge
        scorer = try Self.scorer(AttackModel(model, defence: now.defence?.defence))
        scorer.judge = judge
      }
      settings = (record.context.settings, now)
    }
    let needsSample = record.finding.isWithoutFaces && canDetect(record)
    var crops: [[UInt8]] = []
    let file = try decoder.decode(
      options.moves.path(record.source.path.bytes), known: needsSample ? nil : known, track: record.decidingStream
    ) { crops.append($0) }
    return ScoredVideo(number: 0, file: file, logits: try scorer.logits(of: crops))
  }

  private static func decoder(
    _ request: DecodeRequest, _ detector: FaceDetectorChoice, memoryMiB: Int
  ) -> DecoderClient {
    DecoderClient(
      request: request, detector: detector, timeoutSeconds: request.cpuSeconds,
      memoryMiB: memoryMiB, filesPerProcess: 100, followSymlinks: true)
  }

  /// Whether faces can be detected as in the scan.
  private func canDetect(_ record: VideoRecord) -> Bool {
    record.context.detector == FaceOrigin.wholeFrame.rawValue || detectors[record.context.detector] != nil
  }

  private static func scorer(_ model: AttackModel) throws -> FaceScorer {
    try FaceScorer(model, judge: Judge(model.loaded.detector), batch: 32)
  }

  private static func difference(_ what: String, _ recorded: Double?, _ derived: Double) -> [VideoCheck.Difference] {
    if let recorded, abs(recorded - derived) <= tolerance { return [] }
    return [.init(what: what, recorded: recorded.map { "\($0)" } ?? "none", derived: "\(derived)")]
  }
}

extension Finding {
  /// Whether no face of the video was judged.
  fileprivate var isWithoutFaces: Bool { verdict == .noFace || reason == .lowQuality }
}
