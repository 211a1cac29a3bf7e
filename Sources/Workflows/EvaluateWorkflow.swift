import Compute
import Datasets
import Foundation
import Metrics
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
  let calibration = PlattCalibration(
    slope: model.detector.calibration.scale, offset: model.detector.calibration.offset)
  return Evaluation(
    model: model.detector.name, modelSHA256: model.sha256, part: options.part,
    scores: logits.map(calibration.probability), items: items, thresholds: model.detector.thresholds,
    resamples: options.resamples)
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
