import Datasets
import Foundation
import Metrics
import Models
import NeuralNet

/// A network that a cell trained.
struct TrainedModel {
  var model: DetectorModel
  var validationAUC: Double
  var epochs: Int
  /// False where the validation part gave no calibration that keeps the order: it is then left as it is.
  var isCalibrated: Bool
}

extension StudyBench {
  /// Trains a network as `assay train` does, with the checkpoints that let a cell go on after it was stopped.
  ///
  /// - Parameters:
  ///   - options: its output names the files; the model is written there too.
  ///   - calibrates: fits calibration and thresholds to the validation part; otherwise half is the boundary.
  /// - Returns: nil when the run was interrupted.
  func train(_ options: TrainOptions, calibrates: Bool = true) throws -> TrainedModel? {
    var options = options
    guard options.batch % workers == 0 else {
      throw WorkflowError.settings("a batch of \(options.batch) cannot be shared equally by \(workers) workers")
    }
    options.workers = workers
    options.quiet = true
    options.resume =
      FileManager.default.fileExists(atPath: options.checkpointPath)
      && FileManager.default.fileExists(atPath: options.splitPath)
    let data = try TrainingData(options)
    try data.split.write(to: options.splitPath)
    var run = try TrainingRun(options, data: data)
    try run.run(interruption, progress: ProgressLine(unit: "steps", quiet: true))
    guard run.isComplete, let network = try run.bestNetwork() else { return nil }
    let logits = ScoredLabels(
      scores: try scoreValidation(options, data: data, network: network),
      labels: data.validation.map { data.label($0) == 1 })
    let fit = calibrates ? try? DetectorFit(logits) : nil
    let model = try detectorModel(options, data: data, network: network, fit: fit)
    try model.write(to: options.output)
    run.removeCheckpoint()
    return TrainedModel(
      model: model, validationAUC: ThresholdCurve(logits).auc ?? 0.5, epochs: run.epochs.count,
      isCalibrated: fit != nil)
  }

  /// A model that an earlier cell left in the bench's folder.
  ///
  /// - Throws: `WorkflowError.model` when it is gone.
  func model(_ name: String) throws -> LoadedModel {
    let path = path(name)
    guard FileManager.default.fileExists(atPath: path) else {
      throw WorkflowError.model(
        path: path, why: "a finished cell left it there, and it is gone: begin anew with --restart")
    }
    return try loadModel(at: path)
  }
}
