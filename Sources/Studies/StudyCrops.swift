import Datasets
import Decoder
import Files
import Foundation
import Imaging
import Runs
import Training
import Verdicts

/// Crops under study: a crop set, or pictures of two classes, resized to the size that the study needs.
struct StudyCrops: Sendable {
  let source: StudySource
  /// Class names; positive items have the label fake.
  let classes: (negative: String, positive: String)
  private let content: Content

  private enum Content: Sendable {
    case cropSet(folder: String)
    case pictures([LabelledItem])
  }

  /// - Parameters:
  ///   - inputs: folder of a crop set; or one folder with a subfolder per class, or two class folders. The second class
  ///     is the positive one.
  ///   - name: role of a crop set in the study.
  /// - Throws: `WorkflowError.input`, `DatasetsError`.
  init(_ inputs: [String], name: String = "crops") throws {
    guard let first = inputs.first else {
      throw WorkflowError.usage(
        "name a crop set made by assay crops, or pictures in two folders, one per class")
    }
    if inputs.count == 1, FileManager.default.fileExists(atPath: "\(first)/\(CropSet.headerName)") {
      source = try StudySource(name: name, cropSet: first)
      classes = ("real", "fake")
      content = .cropSet(folder: first)
    } else {
      let pictures = try PictureClasses(inputs)
      source = try StudySource(
        name: "pictures", path: inputs.joined(separator: ", "), files: pictures.items.map(\.path),
        relativeTo: inputs.count == 1 ? first : "")
      classes = (pictures.negative, pictures.positive)
      content = .pictures(pictures.items)
    }
  }

  /// Whether the items are face crops rather than the user's pictures.
  var isCropSet: Bool {
    if case .cropSet = content { true } else { false }
  }

  /// The crops at a given size; missing ones are created in the bench's folder.
  ///
  /// - Parameter size: side in pixels; 0 for the set's own size.
  func prepared(size: Int, _ bench: StudyBench) throws -> CropSet {
    switch content {
    case .cropSet(let folder):
      let set = try CropSet(folder: folder)
      guard size != 0, set.header.size != size else { return set }
      return try Self.resized(set, to: size, in: bench.path("crops-\(size)"), bench)
    case .pictures(let items):
      let folder = bench.path("crops-\(size)")
      let table = bench.path("pictures.csv")
      try writeOutput(Self.table.csv(items), to: table)
      var options = CropsOptions(inputs: [table], output: folder)
      options.pictures = .crops
      options.size = size
      options.workers = bench.workers
      options.quiet = true
      if let signal = try extractCrops(options).interruptedBy {
        throw WorkflowError.interrupted(signal: signal, rest: "start it again with the same folder to go on")
      }
      return try CropSet(folder: folder)
    }
  }

  private static let table = Table<LabelledItem>([
    .text("path") { $0.path },
    .text("label") { "\($0.label)" },
    .text("group") { $0.group },
    .text("method") { $0.method },
  ])

  /// Resizes a crop set source by source; resumes an interrupted run.
  private static func resized(
    _ set: CropSet, to size: Int, in folder: String, _ bench: StudyBench
  ) throws -> CropSet {
    // Too few pixels are an error, as for a model's crops.
    let view = try set.viewed(size: size, framing: set.header.crops.framing)
    let crops = view.header.crops
    var writer = try CropSetWriter(folder: folder, header: CropSetHeader(crops))
    var start = 0
    while start < set.count, !bench.interruption.isRequested {
      let item = set.records[start].item
      var end = start
      while end < set.count, set.records[end].item.path == item.path { end += 1 }
      let first = start
      start = end
      if writer.isComplete(item.path) { continue }
      let frames = try bench.map(end - first, context: {}) { _, index in
        view.frame(at: first + index)
      }
      guard let frames else { break }
      let crops = frames.enumerated().map { index, frame in
        let record = set.records[first + index]
        return NewCrop(pixels: frame, track: record.track, seconds: record.seconds, box: record.box)
      }
      try writer.append(crops, of: item)
    }
    try writer.synchronise()
    return try CropSet(folder: folder)
  }
}
