import Datasets
import Files
import Foundation
package import Models
import NeuralNet
package import Runs

/// Result of a GAN training.
package struct GANSummary: Sendable {
  package let table: String
  package let interruptedBy: Int32?
}

/// Trains a generator and a discriminator on the real crops of a set's training part, and writes the model file.
///
/// Also writes the split, the log, a sheet of samples per log entry and, if the set has fakes, a classifier on the
/// discriminator's features. An interrupted run leaves a checkpoint and no model file.
///
/// - Throws: `WorkflowError`, `DatasetsError` or `NeuralNetError` that states the remedy.
package func trainGAN(_ options: GANOptions) throws -> GANSummary {
  let interruption = Interruption.shared
  interruption.install()
  guard let trained = try fitGAN(options, interruption) else {
    return GANSummary(
      table: "interrupted before the last of \(options.steps) steps; the same command resumes it",
      interruptedBy: interruption.signal)
  }
  let opinion = try DiscriminatorOpinion(trained.model, data: trained.data, options: options)
  try opinion?.write(split: trained.data.split)
  return GANSummary(table: table(trained, opinion: opinion, options), interruptedBy: nil)
}

/// A trained generator with its data and run.
package struct TrainedGAN {
  package let model: GANModel
  package let data: GANData
  package let run: GANRun
  /// Speed of this run.
  let stepsPerSecond: Double
}

/// Trains a generator and writes its model file and the files beside it, except the second opinion.
///
/// - Returns: nil when the run was interrupted, with a checkpoint for `resume`.
package func fitGAN(_ options: GANOptions, _ interruption: Interruption) throws -> TrainedGAN? {
  let data = try GANData(
    crops: options.crops, known: options.split,
    split: options.resume ? options.outputSplitPath : options.splitPath, size: options.size,
    smallestCount: options.batch, chosen: options.chosen, seed: options.seed)
  if !options.quiet {
    let items = data.set.items
    writeToStandardError(
      "training: \(Split.count(data.training, of: items)); held out: \(Split.count(data.heldOut, of: items))\n")
  }
  try data.split.write(to: options.outputSplitPath)
  let progress = ProgressLine(unit: "steps", total: options.steps, quiet: options.quiet)
  defer { progress.finish() }
  do {
    var run = try GANRun(options, data: data)
    let before = run.trainer.stepsDone
    let begin = monotonicSeconds()
    try run.run(interruption, progress: progress)
    guard run.isComplete else { return nil }
    let seconds = max(monotonicSeconds() - begin, .leastNormalMagnitude)
    let model = try run.model()
    try model.write(to: options.output)
    return TrainedGAN(
      model: model, data: data, run: run, stepsPerSecond: Double(run.trainer.stepsDone - before) / seconds)
  } catch let error as NeuralNetError {
    throw WorkflowError.training(explanation(of: error))
  }
}

private func table(_ trained: TrainedGAN, opinion: DiscriminatorOpinion?, _ options: GANOptions) -> String {
  let (run, model, data) = (trained.run, trained.model, trained.data)
  var text =
    "\(counted(run.trainer.stepsDone, "steps")) on \(counted(data.training.count, "real crops")) of "
    + counted(data.groups.count, "sources")
  if trained.stepsPerSecond > 0 { text += String(format: ", %.2f steps/s", trained.stepsPerSecond) }
  text += String(format: ", %.0f minutes in total\n", run.seconds / 60)
  if let last = run.looks.last {
    text += String(
      format: "losses %.3f and %.3f; diversity relative to real crops %.2f", last.discriminatorLoss,
      last.generatorLoss, last.diversity)
    text += last.overfitting.map { String(format: "; discriminator overfitting %.2f\n", $0) } ?? "\n"
  }
  for finding in model.findings { text += "warning: \(finding)\n" }
  text += "networks: generator \(model.generator.parameterCount), discriminator "
  text += "\(model.discriminator.parameterCount) trained values; \(run.trainer.memoryBytes / 1_000_000) MB planned\n"
  text += "model:  \(options.output)\nsplit:  \(options.outputSplitPath)\nlog:    \(options.logPath), .jsonl\n"
  text += "sheets: \(options.sheetsPath)\n"
  if let opinion {
    text += "second opinion: \(options.opinionPath), \(opinion.summary)\n"
  } else if Set(data.set.items.map(\.label)).count == 2 {
    text += "second opinion: none; the training and validation parts have too few crops of both classes, or the "
    text += "discriminator's features do not separate them\n"
  }
  return text + "evaluate it with: assay gan evaluate \(options.output) \(options.crops)"
}

/// - Throws: `WorkflowError.model` when the file cannot be read, is damaged or does not reproduce its golden output.
func loadGAN(at path: String) throws(WorkflowError) -> GANModel {
  do {
    let model = try GANModel(fileBytes: try Data(contentsOf: URL(filePath: path)))
    try model.verifyGoldenOutput()
    return model
  } catch {
    throw .model(path: path, why: explanation(of: error))
  }
}
