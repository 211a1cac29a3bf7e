import Datasets
import Decoder
import Foundation
import Imaging
import Isolation
import Metrics
import Models
import Reports
import Runs
import Scanning
import Scoring
import Verdicts

/// How many frames of a video to score, and how best to aggregate their scores.
struct SamplingStudy: Study {
  static let about = StudyAbout(
    name: "sampling", title: "Frames per video",
    question:
      "How many frames of a video does a verdict need, what do they cost, and which aggregation of their scores "
      + "together is best?",
    inputs: "VIDEOS…",
    settings: [
      .init("videos", "maximum number of videos per class"),
      .init("frames", "frames sampled per video, ascending"),
      .init(
        "aggregations", "aggregations of a track's scores; the first is the baseline"),
    ])

  let request: StudyRequest
  let model: LoadedModel
  let videos: StudyVideos
  let frames: [Int]
  let aggregations: [FrameAggregation]

  init(_ request: StudyRequest) throws {
    self.request = request
    let settings = request.settings
    frames = try settings.integers("frames", in: 1...1000)
    guard zip(frames, frames.dropFirst()).allSatisfy(<) else {
      throw WorkflowError.usage("the setting 'frames' takes ascending numbers")
    }
    aggregations = try settings.texts("aggregations").map { name in
      guard let known = FrameAggregation(rawValue: name) else {
        throw WorkflowError.usage(
          "unknown aggregation '\(name)'; there are "
            + FrameAggregation.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return known
    }
    let models = try request.loadedModels(otherwise: ["standard"])
    guard models.count == 1 else { throw WorkflowError.usage("the study 'sampling' takes one model") }
    model = models[0]
    videos = try StudyVideos(request, model: model, limit: try settings.integer("videos", in: 1...1_000_000))
  }

  var sources: [StudySource] { [videos.source, StudySource(model)] }

  func cells() -> [StudyCell] { frames.map { StudyCell([.frames: "\($0)"]) } }

  /// Scans all videos; each row of the columns is one face.
  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    let settings = scanSettings(cell)
    let plan = try ScanPlan(settings: settings, model: model)
    // Compiles the network and touches the libraries, which would be counted in the first cell alone.
    try warmUp(plan, settings)
    let before = Self.processorSeconds
    let found = try bench.map(videos.items.count, context: { try VideoScoring(plan, settings) }) { scoring, index in
      try scoring.score(videos.items[index].path)
    }
    guard let found else { return nil }
    var record = StudyRecord(cell)
    // The decoder processes have exited with their contexts, so their CPU time is included.
    record.values["cpu_seconds_per_video"] = (Self.processorSeconds - before) / Double(videos.items.count)
    var columns: [StudyColumn: [Double]] = [.video: [], .track: [], .milliseconds: [], .logit: []]
    for (index, video) in found.enumerated() {
      for track in FaceTrack.tracks(of: video.file, logits: video.logits).sorted(by: { $0.id < $1.id }) {
        for face in track.observations {
          columns[.video]?.append(Double(index))
          columns[.track]?.append(Double(track.id))
          columns[.milliseconds]?.append(Double(face.timeMs))
          columns[.logit]?.append(face.logit)
        }
      }
    }
    record.set(columns)
    record.values["failed"] = Double(found.count { $0.file.failure != nil })
    return record
  }

  private func warmUp(_ plan: ScanPlan, _ settings: ScanSettings) throws {
    guard let first = videos.items.first else { return }
    let scoring = try VideoScoring(plan, settings)
    _ = try scoring.score(first.path)
  }

  private func scanSettings(_ cell: StudyCell) -> ScanSettings {
    var settings = ScanSettings()
    settings.frames = Int(cell[.frames]) ?? 1
    return settings
  }

  private static var processorSeconds: Double {
    ResourceUsage.ofThisProcess().cpuSeconds + ResourceUsage.ofEndedChildren().cpuSeconds
  }

  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings {
    try SamplingFindings(study: self, records: records).make()
  }

  /// Scores of the videos that have a face, by video index.
  func scores(_ record: StudyRecord, _ aggregation: FrameAggregation) throws -> [Int: Double] {
    let judge = Judge(model.detector, aggregation: aggregation)
    let (videos, logits) = (try record.column(.video), try record.column(.logit))
    let (ids, times) = (try record.column(.track), try record.column(.milliseconds))
    var scores: [Int: Double] = [:]
    for (video, rows) in Dictionary(grouping: videos.indices, by: { Int(videos[$0]) }) {
      let tracks = Dictionary(grouping: rows) { Int(ids[$0]) }.map { id, rows in
        FaceTrack(
          id: id,
          observations: rows.map { row in
            FaceObservation(
              pts: Int64(times[row]), timeMs: Int(times[row]), box: Box(x: 0, y: 0, width: 1, height: 1),
              confidence: 1, logit: logits[row])
          })
      }
      scores[video] = try judge.judge(tracks)?.score
    }
    return scores
  }
}
