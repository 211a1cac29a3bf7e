import Compute
import Datasets
import Foundation
public import Metrics
import Models

/// Settings of `assay evaluate`.
public struct EvaluateOptions: Sendable {
  public var crops: String
  public var modelPath: String?
  /// `train`, `validation`, `test` or `all`.
  public var part = Part.test.rawValue
  public var splitPath: String?
  public var batch = 32
  /// Draws of the bootstrap, by source.
  public var resamples = 2000
  /// What can be reviewed of what arrives.
  public var budget: ReviewBudget?
  /// Folder for the page and the plots.
  public var report: String?
  public var quiet = false

  public init(crops: String) {
    self.crops = crops
  }
}

/// Measures a model on one part of a crop set.
///
/// - Throws: `WorkflowError` when the split is missing or the part lacks a class; `DatasetsError`.
public func evaluateDetector(_ options: EvaluateOptions) throws -> Evaluation {
  let model = try loadModel(at: options.modelPath)
  let set = try CropSet(folder: options.crops)
  let contract = model.detector.cropContract
  guard set.header.size == contract.size else {
    throw WorkflowError.input(
      path: options.crops, why: "its crops have \(set.header.size) pixels, the model takes \(contract.size)")
  }
  let indices = try chosenCrops(options, model: model, set: set)
  let items = indices.map { set.records[$0].item }
  guard Set(items.map(\.label)).count == 2 else {
    throw WorkflowError.input(path: options.crops, why: "the \(options.part) part lacks real or fake crops")
  }
  let progress = ProgressLine(unit: "crops", total: indices.count, quiet: options.quiet)
  let logits = try scoreCrops(
    indices, of: set, network: model.detector.network, preprocessing: model.detector.preprocessing,
    batch: options.batch, progress: progress)
  progress.finish()
  let scored = ScoredCrops(set: set, indices: indices, logits: logits, model: model.detector)
  let evaluation = try evaluation(of: scored, model: model, options)
  if let folder = options.report { try EvaluationReport(evaluation, scored, of: options.crops).write(to: folder) }
  return evaluation
}

private func evaluation(
  of scored: ScoredCrops, model: LoadedModel, _ options: EvaluateOptions
) throws -> Evaluation {
  var settings = DetectorPerformance.Settings()
  settings.resamples = options.resamples
  settings.budget = options.budget
  let bounds = model.detector.thresholds
  let thresholds = [("undecided and fake", bounds.real), ("fake", bounds.fake)]
  // A fixed seed: the same scores give the same intervals.
  var generator = SeededGenerator(seed: 1)
  func measure(_ items: [DetectorPerformance.Item], _ unit: String) -> DetectorPerformance? {
    guard Set(items.map(\.isFake)).count == 2 else { return nil }
    return DetectorPerformance(of: items, unit: unit, thresholds: thresholds, settings: settings, using: &generator)
  }
  guard let crops = measure(scored.crops(), "crops") else {
    throw WorkflowError.input(path: options.crops, why: "the \(options.part) part lacks real or fake crops")
  }
  return Evaluation(
    model: model.detector.name, modelSHA256: model.sha256, part: options.part, crops: crops,
    videos: measure(try scored.videos(), "videos"))
}

/// Positions of the crops of the wanted part.
private func chosenCrops(_ options: EvaluateOptions, model: LoadedModel, set: CropSet) throws -> [Int] {
  guard let part = Part(rawValue: options.part) else { return Array(set.records.indices) }
  let path = options.splitPath ?? TrainOptions.splitPath(besideModel: model.path)
  guard FileManager.default.fileExists(atPath: path) else {
    throw WorkflowError.input(
      path: path, why: "there is no split beside the model: name it with --split, or measure --part all")
  }
  let split = try Split(path: path)
  let items = set.items
  let known = Set(split.parts.keys)
  guard items.contains(where: { known.contains($0.group) }) else {
    throw WorkflowError.input(
      path: path, why: "this split is of other data than \(options.crops): measure --part all")
  }
  return split.indices(of: part, in: items)
}
