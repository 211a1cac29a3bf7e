import Compute
import Datasets
import Foundation

/// Labelled videos that a study scans.
struct StudyVideos: Sendable {
  let source: StudySource
  /// In the order of their paths.
  let items: [LabelledItem]
  /// Whether a split kept out what the model was trained on.
  let isTestPart: Bool

  /// - Parameters:
  ///   - inputs: labelled videos in any layout that `LabelledData` reads.
  ///   - split: keeps its test part alone; nil takes all videos.
  ///   - limit: videos of each class at most, drawn with the seed.
  /// - Throws: `WorkflowError.input` when one of the classes is missing, `DatasetsError`.
  init(_ inputs: [String], split: Split?, limit: Int, seed: UInt64) throws {
    guard !inputs.isEmpty else { throw WorkflowError.settings("name labelled videos: folders or CSV lists") }
    let reading = try LabelledData.read(inputs)
    if !reading.problems.isEmpty { writeToStandardError(reading.problems.table() + "\n") }
    var videos = reading.items.filter { $0.kind == .video }
    if let split { videos = videos.filter { split.part(of: $0) == .test } }
    var chosen: [LabelledItem] = []
    for label in Label.allCases {
      let own = videos.filter { $0.label == label }
      guard !own.isEmpty else {
        throw WorkflowError.input(
          path: inputs.joined(separator: ", "),
          why: "there is no \(label) video" + (split == nil ? "" : " in the test part of the split"))
      }
      chosen += StudyDraw.items(own, count: limit, seed: seed, path: [UInt64(label.rawValue)])
    }
    items = chosen.sorted { $0.path < $1.path }
    isTestPart = split != nil
    source = try StudySource(
      name: "videos", path: inputs.joined(separator: ", "), files: items.map(\.path), relativeTo: "")
  }

  /// What to say of figures when the model may have been trained on the videos.
  static let inSampleLimit =
    "No split was named (--split FILE, or a model whose own is taken): all videos were scanned, also those that the model may have been trained on; accuracies are "
    + "then too good, and differences between arms may be too small."
}

/// Draws with a seed that do not depend on the standard library's version.
enum StudyDraw {
  /// `count` of the items, or all, in an order of the seed.
  static func items<Item>(_ items: [Item], count: Int, seed: UInt64, path: [UInt64]) -> [Item] {
    var generator = SeededGenerator(seed: seed, path: path)
    var items = items
    for last in items.indices.dropFirst().reversed() {
      items.swapAt(last, Int(generator.next().multipliedFullWidth(by: UInt64(last + 1)).high))
    }
    return Array(items.prefix(count))
  }
}
