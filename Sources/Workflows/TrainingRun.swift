import Compute
import Datasets
import Foundation
import Metrics
import Models
import NeuralNet

/// The state of one training run: trainer, schedule, best network so far, and what was logged.
struct TrainingRun {
  struct Epoch: Sendable {
    var number: Int
    var trainLoss: Float
    var validationLogLoss: Double
    var validationAUC: Double
    var seconds: Double
  }

  private let options: TrainOptions
  private let data: TrainingData
  private let schedule: LearningRateSchedule
  private let trainer: DataParallelTrainer
  private let stepsPerEpoch: Int
  private(set) var epochs: [Epoch] = []
  /// Called with the number of steps done, after each.
  var afterStep: (Int) -> Void = { _ in }

  /// Starts anew, or where the checkpoint of an earlier run stopped.
  init(_ options: TrainOptions, data: TrainingData) throws {
    self.options = options
    self.data = data
    stepsPerEpoch = data.train.count / options.batch
    guard stepsPerEpoch > 0 else {
      throw WorkflowError.settings("--batch \(options.batch) is more than the \(data.train.count) crops to train on")
    }
    let total = stepsPerEpoch * options.epochs
    schedule = LearningRateSchedule(peak: options.learningRate, warmUpSteps: min(total / 20, 200), totalSteps: total)
    var settings = Adam.Settings()
    settings.weightDecay = options.weightDecay
    var network = options.network
    var state = Adam.State()
    if options.resume {
      let checkpoint = try TrainingCheckpoint.read(options)
      network = checkpoint.network
      state = checkpoint.optimiser
    }
    trainer = try DataParallelTrainer(
      network, batch: options.batch, workers: options.workers, optimiser: Adam(settings, state: state),
      gradientNormLimit: 5, seed: options.seed)
    if options.resume { epochs = try TrainingLog.read(options.logPath) }
  }

  /// Runs the epochs that are left; ends early, with a checkpoint, when `interruption` asks for it.
  mutating func run(_ interruption: Interruption, progress: ProgressLine) throws {
    while trainer.stepsDone < schedule.totalSteps, !interruption.isRequested {
      let epoch = trainer.stepsDone / stepsPerEpoch
      let order = data.order(epoch: epoch)
      let start = monotonicSeconds()
      var losses: [Float] = []
      for step in (trainer.stepsDone % stepsPerEpoch)..<stepsPerEpoch where !interruption.isRequested {
        let crops = Array(order[(step * options.batch)..<((step + 1) * options.batch)])
        let result = try trainer.step(
          labels: crops.map { data.augmentedLabel($0, epoch: epoch) },
          learningRate: schedule.rate(step: trainer.stepsDone)
        ) { [data] samples, input in
          let values = input.count / samples.count
          for (slot, sample) in samples.enumerated() {
            let target = UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)])
            data.writeAugmented(crops[sample], epoch: epoch, into: target)
          }
        }
        losses.append(result.loss)
        progress.set(done: trainer.stepsDone, note: note(loss: losses.suffix(50)))
        afterStep(trainer.stepsDone)
      }
      if trainer.stepsDone % stepsPerEpoch == 0 {
        try finishEpoch(epoch, loss: losses.reduce(0, +) / Float(max(losses.count, 1)), start: start)
      }
      try saveCheckpoint()
    }
  }

  /// Writes all that `--resume` needs.
  func saveCheckpoint() throws {
    try TrainingCheckpoint.write(trainer, options)
  }

  /// Whether no step is left.
  var isComplete: Bool { trainer.stepsDone >= schedule.totalSteps }

  /// The epoch whose network was kept.
  var best: Epoch? { epochs.max { $0.validationAUC < $1.validationAUC } }

  private mutating func finishEpoch(_ number: Int, loss: Float, start: Double) throws {
    let scores = try scoreCrops(data.validation, of: data.set, network: trainer.network, batch: options.batch)
    let labelled = ScoredLabels(scores: scores, labels: data.validation.map { data.label($0) == 1 })
    let auc = ThresholdCurve(labelled).auc ?? 0
    let isBest = epochs.allSatisfy { $0.validationAUC < auc }
    epochs.append(
      Epoch(
        number: number + 1, trainLoss: loss, validationLogLoss: labelled.logLossOfLogits ?? 0, validationAUC: auc,
        seconds: monotonicSeconds() - start))
    if isBest {
      try SafetensorsFile(
        tensors: trainer.network.parameters, metadata: ["network": try trainer.network.graphText()]
      ).write(to: options.bestPath)
    }
    try TrainingLog.write(epochs, to: options.logPath)
  }

  private func note(loss: ArraySlice<Float>) -> String {
    let mean = loss.reduce(0, +) / Float(max(loss.count, 1))
    let epoch = trainer.stepsDone / stepsPerEpoch
    let auc = best.map { String(format: ", best AUC %.4f in epoch %d", $0.validationAUC, $0.number) } ?? ""
    return String(format: "epoch %d, loss %.4f", epoch + 1, mean) + auc
  }
}
