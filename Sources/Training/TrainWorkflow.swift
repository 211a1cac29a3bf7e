import Compute
import Datasets
import Foundation
import Metrics
package import Models
package import NeuralNet
import Runs
import Scoring
import Verdicts

/// Result of a training.
package struct TrainSummary: Sendable {
  package let table: String
  package let interruptedBy: Int32?
}

/// Trains a network on the training part of a crop set and writes the model file of its best epoch.
///
/// The best epoch has the highest AUC on the validation part, on which calibration and thresholds are also fitted. The
/// test part is not read. An interrupted run leaves a checkpoint and no model file.
///
/// - Throws: `WorkflowError`, `DatasetsError`, `NeuralNetError` or `ModelsError` that states the remedy.
package func trainDetector(_ options: TrainOptions) throws -> TrainSummary {
  let data = try TrainingData(options)
  for model in [data.start.origin, data.partner].compactMap({ $0 }) { model.warnAboutCropSettings(of: data.set) }
  let leaks = data.split.leaks(in: data.set.items)
  if !leaks.isEmpty {
    writeToStandardError(leaks.table())
    guard options.allowsLeakage else {
      throw WorkflowError.settings(
        "a source is in two parts of the split, so results would be optimistic: correct the data, or use "
          + "--allow-leakage")
    }
  }
  if !options.allowsLeakage {
    for model in [data.start.origin, data.partner].compactMap({ $0 }) {
      let warning = try SourceExposure.check(
        model.detector, data.split, parts: [.validation, .test], purpose: "a model made with it",
        remedy: "use its split with --split, or --allow-leakage")
      if let warning { writeToStandardError("warning: \(warning)\n") }
    }
  }
  if !options.quiet { writeToStandardError(data.partsLine) }
  try data.split.write(to: options.splitPath)
  if let kernel = options.kernel { return try solveDetector(options, kernel, data: data) }
  let progress = ProgressLine(
    unit: "steps", total: data.epochLength / options.batch * options.epochs, quiet: options.quiet)
  let interruption = Interruption.shared
  interruption.install()
  var run = try TrainingRun(options, data: data)
  try run.run(interruption, progress: progress)
  progress.finish()
  guard run.isComplete else {
    return TrainSummary(
      table: "interrupted after \(run.epochs.count) of \(options.epochs) epochs; the same command resumes it",
      interruptedBy: interruption.signal)
  }
  guard let network = try run.bestNetwork() else { throw WorkflowError.training("no epoch was finished") }
  let figures = try writeModel(options, data: data, network: network)
  run.removeCheckpoint()
  return TrainSummary(table: table(run, data: data, figures: figures, options), interruptedBy: nil)
}

/// Fits a kernel classifier and writes its model file.
private func solveDetector(
  _ options: TrainOptions, _ kernel: KernelOptions, data: TrainingData
) throws -> TrainSummary {
  let training = try KernelTraining(options, kernel, data: data)
  let figures = try writeModel(
    options, data: data, network: training.network, validationLogits: training.validationLogits)
  var text = training.table + "solved for \(training.samples) crops; kept "
  text += String(
    format: "whitening %g, width %g, ridge %g\n", training.best.whitening, training.best.width, training.best.ridge)
  for figure in figures { text += String(format: "validation %@ %.4f\n", figure.name, figure.value) }
  text += "model: \(options.output)\nsplit: \(options.splitPath)\n"
  text += "evaluate it once with: assay evaluate \(options.output) \(options.crops)"
  return TrainSummary(table: text, interruptedBy: nil)
}

/// Calibrates a network on the validation part and writes its model file, averaged with the partner model if there is
/// one.
///
/// - Parameter validationLogits: logits of the validation crops; nil to compute them.
/// - Returns: metrics on the validation part.
private func writeModel(
  _ options: TrainOptions, data: TrainingData, network: Network, validationLogits: [Double]? = nil
) throws -> [ModelCard.Figure] {
  let truth = data.validation.map { data.label($0) == 1 }
  let logits = try validationLogits ?? scoreValidation(options, data: data, network: network)
  var model = try detectorModel(
    options, data: data, network: network,
    fit: DetectorFit(
      ScoredLabels(scores: logits, labels: truth), datasets: data.validationDatasets,
      prevalence: options.assumedPrevalence))
  if let other = data.partner?.detector {
    let own = model.calibration
    model = try DetectorModel(ensemble: [model, other], name: options.name, limits: nil)
    let others = try scoreValidation(
      options, data: data, network: other.network.taking(size: data.set.header.size))
    let means = zip(logits, others).map { (own.logit(of: $0) + other.calibration.logit(of: $1)) / 2 }
    try model.take(
      DetectorFit(
        ScoredLabels(scores: means, labels: truth), datasets: data.validationDatasets,
        prevalence: options.assumedPrevalence))
  }
  try model.write(to: options.output)
  return model.card.validation
}

extension DetectorModel {
  fileprivate mutating func take(_ fit: DetectorFit) {
    calibration = fit.calibration
    thresholds = fit.thresholds
    card.validation = fit.figures
  }
}

extension Calibration {
  /// The calibrated logit, whose sigmoid is P(fake).
  fileprivate func logit(of raw: Double) -> Double { scale * raw + offset }
}

/// Logits of the validation crops, in order.
package func scoreValidation(_ options: TrainOptions, data: TrainingData, network: Network) throws -> [Double] {
  try scoreCrops(
    data.validation, of: data.set, network: network, preprocessing: data.start.preprocessing, batch: options.batch)
}

/// Assembles the contents of a network's model file.
///
/// - Parameter fit: calibration and thresholds; nil for uncalibrated logits and a threshold of one half.
package func detectorModel(
  _ options: TrainOptions, data: TrainingData, network: Network, fit: DetectorFit?
) throws -> DetectorModel {
  var model = try DetectorModel(
    name: options.name, network: network, preprocessing: data.start.preprocessing,
    cropSettings: data.set.header.crops,
    calibration: fit?.calibration ?? .identity, thresholds: fit?.thresholds ?? .even,
    card: ModelCard(
      trainingData: describe(data), settings: options.recorded, validation: fit?.figures ?? [],
      intendedUse: "Ranking videos for human review; not evidence by itself.",
      limits: options.limits,
      licence: ModelCard.licence(startedFrom: data.start.origin?.detector.card)))
  let own = SourceExposure.parts(of: data.split, joinsValidation: options.kernel?.refits ?? false)
  model.card.sources = SourceExposure.merged(
    [own] + (data.start.origin.map { [$0.detector.card.sources] } ?? []))
  return model
}

extension ModelCard {
  /// The licence of weights that were trained here.
  ///
  /// - Parameter origin: card of the model that training started from; nil for random weights. The licence of one that
  ///   was trained here names its own origin and carries over as it is.
  static func licence(startedFrom origin: ModelCard?) -> String {
    let ofData = "Subject to the terms of the training data."
    guard let origin, origin.licence != ofData else { return ofData }
    let ending = "; training data: \(ofData)"
    return origin.licence.hasSuffix(ending)
      ? origin.licence : "Initial weights: \(origin.licence)\(ending)"
  }
}

/// Description of the data for the model card.
private func describe(_ data: TrainingData) -> String {
  let items = data.set.items
  let datasets = Set(items.map(\.dataset)).sorted().joined(separator: ", ")
  let methods = Set(data.train.map { items[$0] }.filter { $0.label == .fake }.map(\.method)).sorted()
    .joined(separator: ", ")
  let origin =
    data.start.origin.map { origin in
      "started from \(origin.detector.name) (\(origin.sha256.prefix(12)): \(origin.detector.card.trainingData)), then "
    } ?? ""
  return "\(origin)\(datasets); fakes by \(methods); split by source: training \(Split.count(data.train, of: items)), "
    + "validation \(Split.count(data.validation, of: items)), \(data.testCount) crops in the test part"
}

private func table(
  _ run: TrainingRun, data: TrainingData, figures: [ModelCard.Figure], _ options: TrainOptions
) -> String {
  let best = run.best
  var text =
    "trained on \(counted(data.train.count, "crops")) for \(counted(run.epochs.count, "epochs")); kept epoch \(best?.number ?? 0)\n"
  for figure in figures { text += String(format: "validation %@ %.4f\n", figure.name, figure.value) }
  func mean(_ fraction: (TrainingRun.Epoch) -> Double) -> Int {
    Int((100 * run.epochs.reduce(0) { $0 + fraction($1) } / Double(max(run.epochs.count, 1))).rounded())
  }
  text += "time: processors busy \(mean(\.busyFraction)) %, workers reading and augmenting \(mean(\.dataFraction)) %\n"
  let memory = run.memory
  text += "memory: \(memory.planned / 1_000_000) MB planned"
  text += memory.measured.map { ", \($0 / 1_000_000) MB measured\n" } ?? "\n"
  text +=
    "model: \(options.output)\nsplit: \(options.splitPath)\nlog:   \(options.logPath), .jsonl\ncurve: \(options.curvePath)\n"
  return text + "evaluate it once with: assay evaluate \(options.output) \(options.crops)"
}
