import Datasets
import Foundation
import Metrics
package import Models
import NeuralNet
import Runs
package import Scoring
package import Training

/// A network that a cell trained, or fitted in closed form.
package struct TrainedModel {
  package var model: DetectorModel
  var validationAUC: Double
  /// Nil if fitted in closed form.
  package var epochs: Int
  /// False if the validation part yields no order-preserving calibration; the model is then left uncalibrated.
  var isCalibrated: Bool
}

extension StudyBench {
  /// Trains a network like `assay train`, with checkpoints from which an interrupted cell resumes; kernel classifiers
  /// are fitted in closed form.
  ///
  /// - Parameters:
  ///   - options: `output` names the files; the model is written there.
  ///   - calibrates: whether to fit calibration and thresholds on the validation part; otherwise the threshold is one
  ///     half.
  /// - Returns: nil when the run was interrupted.
  package func train(_ options: TrainOptions, calibrates: Bool = true) throws -> TrainedModel? {
    var options = options
    guard options.batch % workers == 0 else {
      throw WorkflowError.usage("a batch of \(options.batch) cannot be divided equally among \(workers) workers")
    }
    options.workers = workers
    options.quiet = true
    options.takesStoredCrops = true
    options.resume = Self.isBegun(options)
    let data = try TrainingData(options)
    try data.split.write(to: options.splitPath)
    if let kernel = options.kernel {
      let solved = try KernelTraining(options, kernel, data: data)
      return try finish(
        options, data: data, network: solved.network, logits: solved.validationLogits, epochs: 0, calibrates: calibrates
      )
    }
    var run = try TrainingRun(options, data: data)
    try run.run(interruption, progress: ProgressLine(unit: "steps", quiet: true))
    guard run.isComplete, let network = try run.bestNetwork() else { return nil }
    let trained = try finish(
      options, data: data, network: network, logits: scoreValidation(options, data: data, network: network),
      epochs: run.epochs.count, calibrates: calibrates)
    run.removeCheckpoint()
    return trained
  }

  /// Whether an earlier run left an unfinished training with this output, from which it can resume.
  static func isBegun(_ options: TrainOptions) -> Bool {
    [options.checkpointPath, options.splitPath].allSatisfy { FileManager.default.fileExists(atPath: $0) }
  }

  /// Writes the model of a network.
  ///
  /// - Parameter scores: logits of the validation crops.
  private func finish(
    _ options: TrainOptions, data: TrainingData, network: Network, logits scores: [Double], epochs: Int,
    calibrates: Bool
  ) throws -> TrainedModel {
    let logits = ScoredLabels(scores: scores, labels: data.validation.map { data.label($0) == 1 })
    let fit = calibrates ? try? DetectorFit(logits, datasets: data.validationDatasets) : nil
    let model = try detectorModel(options, data: data, network: network, fit: fit)
    try model.write(to: options.output)
    return TrainedModel(
      model: model, validationAUC: ThresholdCurve(logits).auc ?? 0.5, epochs: epochs, isCalibrated: fit != nil)
  }

  /// Loads a model that an earlier cell left in the bench's folder.
  ///
  /// - Throws: `WorkflowError.model` when it is missing.
  package func model(_ name: String) throws -> LoadedModel {
    let path = path(name)
    guard FileManager.default.fileExists(atPath: path) else {
      throw WorkflowError.model(
        path: path, why: "the model of a finished cell is missing: start over with --restart")
    }
    return try loadModel(at: path)
  }
}
