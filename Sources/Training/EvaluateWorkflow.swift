import Compute
package import Datasets
import Foundation
package import Metrics
import Models
import Runs
package import Scoring
import Verdicts

/// Settings of `assay evaluate`.
package struct EvaluateOptions: Sendable {
  /// A crop set, or labelled videos and pictures.
  package var data: String
  /// Nil for the built-in model.
  package var modelPath: String?
  package var part = PartSelection.test
  package var splitPath: String?
  /// Whether to fit calibration and thresholds on the validation part first, and store them in the model file.
  package var calibrates = false
  /// Prevalence of fakes to calibrate scores for, above 0 and below 1.
  package var assumedPrevalence = 0.5
  /// Whether to store the metrics in the model card; changes the file's hash.
  package var records = false
  package var batch = 32
  /// Bootstrap resamples over sources.
  package var resamples = 2000
  /// Review capacity relative to the incoming volume.
  package var budget: ReviewBudget?
  /// Folder for the page and the plots.
  package var report: String?
  /// CSV file for the score of every crop.
  package var scores: String?
  package var quiet = false

  package init(data: String) {
    self.data = data
  }
}

/// Evaluates a model on one part of a crop set, or on labelled videos whose crops are extracted temporarily.
///
/// - Throws: `WorkflowError` when the split is missing or the part lacks a class; `DatasetsError`; `ModelsError` when
///   the model file cannot be written.
package func evaluateDetector(_ options: EvaluateOptions) throws -> Evaluation {
  var model = try loadModel(at: options.modelPath)
  let crops = try EvaluationCrops(options, model: model.detector)
  defer { crops.remove() }
  let set = crops.set
  model.warnAboutCropSettings(of: set)
  func scored(_ indices: [Int]) throws -> ScoredCrops {
    let progress = ProgressLine(unit: "crops", total: indices.count, quiet: options.quiet)
    defer { progress.finish() }
    let logits = try scoreCrops(
      indices, of: set, network: model.detector.network, preprocessing: model.detector.preprocessing,
      batch: options.batch, progress: progress)
    if let signal = Interruption.shared.signal {
      throw WorkflowError.interrupted(signal: signal, rest: "nothing was measured; start it again")
    }
    return ScoredCrops(set: set, indices: indices, logits: logits, model: model.detector)
  }
  if options.calibrates || options.records {
    guard !model.isBuiltIn else {
      throw WorkflowError.usage("a built-in model cannot be changed: calibrate and record a file of your own")
    }
  }
  guard !options.records || options.part == .test else {
    throw WorkflowError.usage("--record stores results of the test part, not of the \(options.part) part")
  }
  if options.calibrates {
    let indices = try chosenCrops(.validation, options, model: model, set: set)
    model = try calibrated(model, to: try scored(indices), options)
  }
  let indices = try chosenCrops(options.part, options, model: model, set: set)
  let measured = try scored(indices)
  let evaluation = try evaluation(of: measured, model: model, options)
  if let path = options.scores { try ScoreTable.write(measured, to: path) }
  if options.records {
    var detector = model.detector
    detector.card.test = evaluation.cardFigures
    detector.card.testDate = Date().formatted(.iso8601.year().month().day())
    try detector.write(to: model.path)
  }
  if let folder = options.report { try EvaluationReport(evaluation, measured, of: options.data).write(to: folder) }
  return evaluation
}

/// The model with calibration and thresholds fitted on these crops, as now stored in its file.
private func calibrated(
  _ model: LoadedModel, to crops: ScoredCrops, _ options: EvaluateOptions
) throws -> LoadedModel {
  let labels = crops.indices.map { crops.set.records[$0].item.label == .fake }
  let fit = try DetectorFit(
    ScoredLabels(scores: crops.logits, labels: labels),
    datasets: crops.indices.map { crops.set.records[$0].item.dataset }, prevalence: options.assumedPrevalence)
  var detector = model.detector
  detector.calibration = fit.calibration
  detector.thresholds = fit.thresholds
  try detector.write(to: model.path)
  return try loadModel(at: model.path)
}

private func evaluation(
  of scored: ScoredCrops, model: LoadedModel, _ options: EvaluateOptions
) throws -> Evaluation {
  var settings = DetectorPerformance.Settings()
  settings.resamples = options.resamples
  settings.budget = options.budget
  let bounds = model.detector.thresholds
  let thresholds = [("undecided and fake", bounds.real), ("fake", bounds.fake)]
  // Fixed seed, so that the same scores give the same intervals.
  var generator = SeededGenerator(seed: 1)
  func measure(_ items: [DetectorPerformance.Item], _ unit: String) -> DetectorPerformance? {
    guard Set(items.map(\.isFake)).count == 2 else { return nil }
    return DetectorPerformance(of: items, unit: unit, thresholds: thresholds, settings: settings, using: &generator)
  }
  guard let crops = measure(scored.crops(), "crops") else {
    throw WorkflowError.input(
      path: options.data,
      why: "the \(options.part) part lacks real or fake crops: "
        + "choose another part with --part (all: every crop), or another split with --split")
  }
  return Evaluation(
    model: model.detector.name, modelSHA256: model.sha256, part: options.part, crops: crops,
    videos: measure(try scored.videos(), "videos"))
}

/// Indices of the crops of the requested part.
///
/// - Parameters:
///   - model: supplies the split if none is named.
///   - others: models evaluated on the same crops.
/// - Throws: `WorkflowError.settings` if a model was fitted to or selected on crops that the split reserves for this
///   part.
package func chosenCrops(
  _ selection: PartSelection, _ options: EvaluateOptions, model: LoadedModel, others: [LoadedModel] = [], set: CropSet
) throws -> [Int] {
  guard let part = selection.part else {
    let groups = Set(set.items.map(\.group))
    for model in [model] + others {
      let met = SourceExposure.split(of: model.detector.card).map { split in
        groups.count { split.part(ofGroup: $0).map { $0 != .test } ?? false }
      }
      guard let met, met > 0 else { continue }
      writeToStandardError(
        "warning: \(model.detector.name) was trained or selected on \(met) of the \(counted(groups.count, "sources")): figures "
          + "on all crops are too good\n")
    }
    return Array(set.records.indices)
  }
  let split = try chosenSplit(options, model: model, set: set)
  let remedy =
    others.isEmpty
    ? "name the split of its training with --split, or use --part all"
    : "name a split with --split whose part none of the models was trained on, evaluate the models separately, or use "
      + "--part all"
  for model in [model] + others {
    let warning = try SourceExposure.check(
      model.detector, split, parts: [part], purpose: "its \(part) part", remedy: remedy)
    if let warning { writeToStandardError("warning: \(warning)\n") }
  }
  return split.indices(of: part, in: set.items)
}

/// The named split, or else the one beside the model file, or else the one in its card.
package func chosenSplit(_ options: EvaluateOptions, model: LoadedModel, set: CropSet) throws -> Split {
  let beside = TrainOptions.splitPath(besideModel: model.path)
  let split: Split
  if let name = options.splitPath ?? (FileManager.default.fileExists(atPath: beside) ? beside : nil) {
    split = try SourceExposure.split(named: name)
  } else if let own = SourceExposure.split(of: model.detector.card) {
    split = own
  } else {
    throw WorkflowError.input(
      path: beside,
      why: "there is no split beside the model or in its card: name it with --split, or use --part all")
  }
  guard set.items.contains(where: { split.part(ofGroup: $0.group) != nil }) else {
    throw WorkflowError.input(
      path: options.data,
      why:
        "none of its sources are in the split of \(model.detector.name): name the split of a model that was trained on "
        + "this set with --split, or use --part all")
  }
  return split
}
