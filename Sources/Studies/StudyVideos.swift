import Compute
import Datasets
import Decoder
import Foundation
import Models
import Runs
import Scoring

/// Labelled videos for a study to scan.
struct StudyVideos: Sendable {
  let source: StudySource
  /// Sorted by path.
  let items: [LabelledItem]
  /// Whether a split excluded the model's training data.
  let isTestPart: Bool

  /// - Parameters:
  ///   - request: inputs are labelled videos in any layout that `LabelledData` reads.
  ///   - model: model that scans the videos. Without a named split, videos that the model's own split assigns to
  ///     training or validation are excluded; videos unknown to that split are kept.
  ///   - limit: maximum number of videos per class, drawn with the seed.
  /// - Throws: `WorkflowError.input` when a class is missing, `.settings` when the model was trained on the test part
  ///   of the named split, `DatasetsError`.
  init(_ request: StudyRequest, model: LoadedModel, limit: Int) throws {
    let inputs = request.inputs
    guard !inputs.isEmpty else { throw WorkflowError.usage("name labelled videos: folders or CSV lists") }
    let prober = ContentProber()
    let reading = try LabelledData.read(inputs, isVideo: { prober.isVideo(Array($0.utf8)) })
    if !reading.problems.isEmpty { writeToStandardError(reading.problems.table() + "\n") }
    var videos = reading.items.filter { $0.kind == .video }
    let all = videos.count
    let split = try request.knownSplit(of: videos, models: [model])
    if let split {
      videos = videos.filter { item in
        guard request.splitPath == nil else { return split.part(of: item) == .test }
        let groups = [item.group] + (item.borderGroup.map { [$0] } ?? [])
        return groups.allSatisfy { (split.part(ofGroup: $0) ?? .test) == .test }
      }
    }
    var chosen: [LabelledItem] = []
    for label in Label.allCases {
      let own = videos.filter { $0.label == label }
      guard !own.isEmpty else {
        throw WorkflowError.input(
          path: inputs.joined(separator: ", "),
          why: "there is no \(label) video" + Self.leftOut(all - videos.count, split, request, model))
      }
      chosen += StudyDraw.items(own, count: limit, seed: request.seed, path: [UInt64(label.rawValue)])
    }
    items = chosen.sorted { $0.path < $1.path }
    isTestPart = split != nil
    source = try StudySource(
      name: "videos", path: inputs.joined(separator: ", "), files: items.map(\.path), relativeTo: "")
  }

  /// Explains why videos were excluded, and the remedy.
  private static func leftOut(_ count: Int, _ split: Split?, _ request: StudyRequest, _ model: LoadedModel) -> String {
    guard split != nil, count > 0 else { return "" }
    if let path = request.splitPath {
      return " in the test part of the split \(path): name another one with --split, or other videos"
    }
    return " outside the training and validation data of \(model.detector.name): its split excludes \(count) videos. "
      + "Name videos that it was not trained on, a model with --models that was not trained on these, or another split with --split"
  }

  /// Limitation to report when the model may have been trained on the videos.
  static let inSampleLimit =
    "No split was named, and none of these videos is in a split beside the model or in its card: all were scanned. If the "
    + "model was trained on some of them, accuracies are optimistic, and differences between arms may be too small."
}

/// Seeded random draws that do not depend on the version of the standard library.
enum StudyDraw {
  /// Up to `count` items in seeded random order.
  static func items<Item>(_ items: [Item], count: Int, seed: UInt64, path: [UInt64]) -> [Item] {
    var generator = SeededGenerator(seed: seed, path: path)
    var items = items
    for last in items.indices.dropFirst().reversed() {
      items.swapAt(last, Int(generator.next().multipliedFullWidth(by: UInt64(last + 1)).high))
    }
    return Array(items.prefix(count))
  }
}
