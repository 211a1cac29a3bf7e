import Attacks
import Datasets
import Decoder
import Foundation
import Imaging
import Media
import Models
import Runs
import Scanning
import Scoring
import Verdicts

/// How compression changes scores, and how much of an attack survives it.
struct CodecStudy: Study {
  static let about = StudyAbout(
    name: "codec", title: "Compression, scores and attacks",
    question:
      "How does re-encoding (H.264, H.265, half size, repeated uploads) change scores, and how much of an attack "
      + "survives it?",
    inputs: "VIDEOS…",
    settings: [
      .init("videos", "maximum number of videos per class"),
      .init("frames", "frames sampled per video"),
      .init("arms", "encodings, such as h264:28, h265:30:half or h264:28>h264:28"),
      .init("attack", "white-box attack in ℓ∞"),
      .init("epsilon", "budget of the attack on the [0, 1] scale"),
      .init("steps", "its iterations"),
      .init("clip", "neighbouring frames of a face to attack and encode"),
    ])

  let request: StudyRequest
  let model: LoadedModel
  let videos: StudyVideos
  let arms: [CodecArm]
  /// Arms that the installed FFmpeg cannot encode.
  let skipped: [CodecArm]
  let attack: any Attack
  let epsilon: Float
  private let frames: Int
  private let clipFrames: Int

  init(_ request: StudyRequest) throws {
    self.request = request
    let settings = request.settings
    frames = try settings.integer("frames", in: 1...1000)
    clipFrames = try settings.integer("clip", in: 1...1000)
    let named = try settings.texts("arms").map { text throws(WorkflowError) in try CodecArm(text) }
    arms = [CodecArm.original] + named.filter(\.isAvailable)
    skipped = named.filter { !$0.isAvailable }
    let name = try settings.text("attack")
    attack = try StudyAttack.named(name, steps: try settings.integer("steps", in: 1...10_000))
    guard attack.norm == .linf, attack.isWhiteBox else {
      throw WorkflowError.usage("the setting 'attack' takes a white-box attack in ℓ∞, not '\(name)'")
    }
    epsilon = Float(try settings.number("epsilon", in: 0...1))
    let models = try request.loadedModels(otherwise: ["standard"])
    guard models.count == 1 else { throw WorkflowError.usage("the study 'codec' takes one model") }
    model = models[0]
    videos = try StudyVideos(request, model: model, limit: try settings.integer("videos", in: 1...1_000_000))
  }

  var sources: [StudySource] { [videos.source, StudySource(model)] }

  /// Scores first, then the attacks on the clips, then the re-encoded clips.
  func cells() -> [StudyCell] {
    arms.map { StudyCell([.step: "scan", .arm: $0.name]) } + [StudyCell([.step: "attack", .arm: ""])]
      + arms.map { StudyCell([.step: "clip", .arm: $0.name]) }
  }

  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    switch cell[.step] {
    case "scan": try scan(cell, bench)
    case "attack": try attackClips(cell, bench)
    default: try encodeClips(cell, bench)
    }
  }

  private func recompression(_ cell: StudyCell) -> Recompression? {
    arms.first { $0.name == cell[.arm] }?.recompression
  }

  private var scanSettings: ScanSettings {
    var settings = ScanSettings()
    settings.frames = frames
    return settings
  }

  // MARK: - Whole videos

  /// Scans all videos, re-encoded around the sampled frames.
  private func scan(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    let settings = scanSettings
    let plan = try ScanPlan(settings: settings, model: model)
    let way = recompression(cell)
    let found = try bench.map(videos.items.count, context: { try VideoScoring(plan, settings) }) { scoring, index in
      let video = try scoring.score(videos.items[index].path, recompressed: way)
      let judgement = try plan.judge.judgement(of: video.file, logits: video.logits)
      return (
        score: judgement?.score, frames: video.file.frames.count, faces: video.file.frames.count { !$0.faces.isEmpty }
      )
    }
    guard let found else { return nil }
    var record = StudyRecord(cell)
    let scored = found.indices.filter { found[$0].score != nil }
    record.set([.video: scored.map(Double.init), .score: scored.compactMap { found[$0].score }])
    record.values = [
      "videos_with_score": Double(scored.count), "frames": Double(found.reduce(0) { $0 + $1.frames }),
      "frames_with_faces": Double(found.reduce(0) { $0 + $1.faces }),
    ]
    return record
  }

  // MARK: - Face clips

  /// Attacks a few neighbouring frames of each video's face, and stores the clean and the attacked clip for later
  /// cells.
  ///
  /// Attacks run to completion: compression would undo a perturbation that barely crosses the decision boundary.
  private func attackClips(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    let settings = scanSettings
    let plan = try ScanPlan(settings: settings, model: model)
    let attacked = AttackModel(model)
    let made = try bench.map(
      videos.items.count,
      context: { (try FaceClipCutter(plan, settings), try attacked.oracle()) }
    ) { context, index in
      let clip = try context.0.clip(videos.items[index].path, frames: clipFrames)
      let truth: TrueClass = videos.items[index].label == .fake ? .fake : .real
      let runner = AttackRunner(context.1, goesOn: true)
      let changed = try clip.enumerated().map { position, frame in
        let pixels = CropPixels(width: frame.width, height: frame.height, bytes: frame.pixels)
        let (crop, _) = try runner.run(
          attack, on: pixels, truth: truth, epsilon: epsilon, seed: request.seed, item: index << 16 | position)
        return Frame(width: frame.width, height: frame.height, pixels: crop.bytes)
      }
      try FaceClip(clean: clip, attacked: changed).write(to: bench.path("clip-\(index).rgb"))
      return clip.count
    }
    guard let made else { return nil }
    var record = StudyRecord(cell)
    record.set([.frames: made.map(Double.init)])
    return record
  }

  /// Mean logits of the clean and attacked clips after re-encoding.
  private func encodeClips(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    let settings = scanSettings
    let plan = try ScanPlan(settings: settings, model: model)
    let way = recompression(cell)
    let side = model.detector.cropSettings.size
    let found = try bench.map(videos.items.count, context: { try VideoScoring(plan, settings) }) { scoring, index in
      let clip = try FaceClip(path: bench.path("clip-\(index).rgb"), side: side)
      func logit(_ frames: [Frame]) throws -> Double {
        let coded = try way.map { try videoRoundTrip(of: frames, $0) } ?? frames
        let logits = try scoring.logits(of: coded.map(\.pixels))
        return logits.reduce(0) { $0 + Double($1) } / Double(max(logits.count, 1))
      }
      return clip.clean.isEmpty ? nil : (clean: try logit(clip.clean), attacked: try logit(clip.attacked))
    }
    guard let found else { return nil }
    var record = StudyRecord(cell)
    let withClip = found.indices.filter { found[$0] != nil }
    record.set([
      .video: withClip.map(Double.init), .clean: withClip.map { found[$0]?.clean ?? 0 },
      .attacked: withClip.map { found[$0]?.attacked ?? 0 },
    ])
    return record
  }

  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings {
    try CodecFindings(study: self, records: records).make()
  }
}
