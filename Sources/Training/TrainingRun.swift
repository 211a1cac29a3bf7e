import Compute
import Datasets
import Files
import Foundation
import Metrics
import Models
package import NeuralNet
package import Runs
import Safetensors
import Scoring

/// State of one training run: trainer, schedule, best network so far and log.
package struct TrainingRun {
  package struct Epoch: Sendable, Codable {
    package var number: Int
    var trainLoss: Float
    var validationLogLoss: Double
    package var validationAUC: Double
    /// AUC on perturbed crops, if the network is hardened.
    package var robustAUC: Double?
    package var seconds: Double
    /// Fraction of the workers' time spent reading and augmenting crops.
    var dataFraction: Double
    /// CPU time of the process divided by wall time and workers, validation included.
    var busyFraction: Double

    private enum CodingKeys: String, CodingKey {
      case number, trainLoss, validationLogLoss, validationAUC, robustAUC, seconds
      case dataFraction = "dataShare"
      case busyFraction = "busyShare"
    }

    /// Selection criterion for the best epoch.
    var merit: Double { validationAUC + (robustAUC ?? 0) }
  }

  private let options: TrainOptions
  private let data: TrainingData
  private let schedule: LearningRateSchedule
  private let hardened: HardenedTrainer
  private var trainer: DataParallelTrainer { hardened.trainer }
  private let stepsPerEpoch: Int
  private var average: WeightAverage?
  /// Order of one pass over the crops; equals an epoch unless hardening replays batches.
  private var order: (pass: Int, crops: [TrainingDraw])?
  private let memoryBefore = ProcessMemory.anonymousBytes()
  private var memoryAfter: Int?
  private var clock: EpochClock
  package private(set) var epochs: [Epoch] = []
  /// Called after each step with the number of completed steps.
  var afterStep: (Int) -> Void = { _ in }

  /// Starts a new run, or resumes from the checkpoint of an earlier run.
  package init(_ options: TrainOptions, data: TrainingData) throws {
    self.options = options
    self.data = data
    clock = EpochClock(workers: options.workers)
    stepsPerEpoch = data.epochLength / options.batch
    guard stepsPerEpoch > 0 else {
      throw WorkflowError.usage("--batch \(options.batch) is more than the \(data.epochLength) crops of an epoch")
    }
    let total = stepsPerEpoch * options.epochs
    let optimisation = options.optimisation
    schedule = LearningRateSchedule(
      peak: optimisation.learningRate, warmUpSteps: min(total / 20, 200), totalSteps: total)
    var network = data.start.network
    var state = OptimiserState()
    var averaged: [String: Tensor]?
    var kept: [String: Tensor] = [:]
    if options.resume {
      let checkpoint = try TrainingCheckpoint.read(options)
      network = checkpoint.network
      state = checkpoint.optimiser
      averaged = checkpoint.average
      kept = checkpoint.kept
    }
    if optimisation.average > 0 {
      average = WeightAverage(decay: optimisation.average, startingFrom: averaged ?? network.parameters)
    }
    hardened = try HardenedTrainer(
      options, network: network, preprocessing: data.start.preprocessing, state: state, kept: kept)
    if options.resume { epochs = try TrainingLog.read(options.logLinesPath) }
  }

  /// Planned memory of the training in bytes, and measured growth of the process after one step, if available.
  package var memory: (planned: Int, measured: Int?) {
    let averaged = average?.tensors.values.reduce(0) { $0 + $1.count } ?? 0
    let measured = memoryAfter.flatMap { after in memoryBefore.map { after - $0 } }
    return (trainer.memoryBytes + averaged * MemoryLayout<Float>.stride, measured)
  }

  /// Runs the remaining epochs; stops early, with a checkpoint, when `interruption` requests it.
  package mutating func run(_ interruption: Interruption, progress: ProgressLine) throws {
    while !isComplete, !interruption.isRequested {
      let epoch = trainer.stepsDone / stepsPerEpoch
      clock = EpochClock(workers: options.workers)
      var losses: [Float] = []
      for _ in (trainer.stepsDone % stepsPerEpoch)..<stepsPerEpoch where !interruption.isRequested {
        losses.append(try train(epoch: epoch))
        progress.set(done: trainer.stepsDone, note: note(loss: losses.suffix(50)))
        afterStep(trainer.stepsDone)
      }
      if trainer.stepsDone % stepsPerEpoch == 0 {
        try finishEpoch(epoch, loss: losses.reduce(0, +) / Float(max(losses.count, 1)))
      }
      try saveCheckpoint()
    }
  }

  /// Runs one step and returns its loss.
  private mutating func train(epoch: Int) throws -> Float {
    let step = trainer.stepsDone
    let minibatch = hardened.minibatch(ofStep: step)
    let (pass, index) = (minibatch / stepsPerEpoch, minibatch % stepsPerEpoch * options.batch)
    if order?.pass != pass { order = (pass, data.order(epoch: pass)) }
    let crops = Array((order?.crops ?? [])[index..<(index + options.batch)])
    let batch = TrainingBatch(
      data, crops, epoch: pass, step: minibatch, options.optimisation, seed: options.seed)
    do {
      let loss = try hardened.step(
        batch, learningRate: schedule.rate(step: step), totalSteps: schedule.totalSteps, clock: clock)
      let parameters = trainer.network.parameters
      average?.update(parameters, step: step)
      if memoryAfter == nil { memoryAfter = ProcessMemory.anonymousBytes() }
      return loss
    } catch let error as NeuralNetError {
      guard case .notFinite = error else { throw error }
      throw WorkflowError.training(
        "\(explanation(of: error)) (epoch \(epoch + 1), crops \(batch.description) of the set)")
    }
  }

  /// Writes everything that `--resume` needs.
  func saveCheckpoint() throws {
    try TrainingCheckpoint.write(hardened, average: average, options)
  }

  /// Whether no steps are left, or early stopping applies.
  package var isComplete: Bool {
    if trainer.stepsDone >= schedule.totalSteps { return true }
    guard options.patience > 0, let best, let last = epochs.last else { return false }
    return last.number - best.number >= options.patience
  }

  /// The best epoch, whose network is kept.
  package var best: Epoch? { epochs.max { $0.merit < $1.merit } }

  /// The network of the best epoch; nil before the first epoch is complete.
  package func bestNetwork() throws -> Network? {
    guard best != nil else { return nil }
    let file = try SafetensorsFile(path: options.bestPath)
    return try Network(graphText: file.metadata["network"] ?? "", parameters: file.tensors)
  }

  /// Removes the checkpoint files once the model is written.
  package func removeCheckpoint() {
    // A leftover file only costs disk space.
    for path in [options.checkpointPath, options.bestPath] { try? FileManager.default.removeItem(atPath: path) }
  }

  private mutating func finishEpoch(_ number: Int, loss: Float) throws {
    let dataFraction = clock.dataShare
    var network = trainer.network
    if let average { network.parameters = average.tensors }
    let scores = try scoreCrops(
      data.validation, of: data.set, network: network, preprocessing: data.start.preprocessing, batch: options.batch)
    let labelled = ScoredLabels(scores: scores, labels: data.validation.map { data.label($0) == 1 })
    let epoch = Epoch(
      number: number + 1, trainLoss: loss, validationLogLoss: labelled.logLossOfLogits ?? 0,
      validationAUC: data.validationAUC(scores), robustAUC: try hardened.robustAUC(network, on: data),
      seconds: clock.seconds, dataFraction: dataFraction, busyFraction: clock.busyShare)
    let isBest = epochs.allSatisfy { $0.merit < epoch.merit }
    epochs.append(epoch)
    if isBest {
      try SafetensorsFile(
        tensors: network.parameters, metadata: ["network": try network.graphText()]
      ).write(to: options.bestPath)
    }
    try TrainingLog.write(epochs, best: best?.number, options)
  }

  private func note(loss: ArraySlice<Float>) -> String {
    let mean = loss.reduce(0, +) / Float(max(loss.count, 1))
    let epoch = trainer.stepsDone / stepsPerEpoch
    let auc = best.map { String(format: ", best AUC %.4f in epoch %d", $0.validationAUC, $0.number) } ?? ""
    let curve = TrainingLog.sparkline(epochs.map(\.validationAUC))
    return String(format: "epoch %d, loss %.4f", epoch + 1, mean) + auc + (curve.isEmpty ? "" : " " + curve)
  }
}
