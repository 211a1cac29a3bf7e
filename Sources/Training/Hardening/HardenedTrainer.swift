import Compute
import Datasets
import Metrics
import Models
import NeuralNet
import Runs

/// A trainer, with adversarial perturbation of its crops if configured.
struct HardenedTrainer {
  /// Number of validation crops for monitoring robustness.
  private static let watchedCrops = 256

  let trainer: DataParallelTrainer
  private let options: TrainOptions
  private let examples: AdversarialExamples?
  private let free: FreePerturbation?
  private let blending: AdversarialBlending?

  /// - Parameter kept: state from an earlier run's checkpoint to resume from.
  init(
    _ options: TrainOptions, network: Network, preprocessing: Preprocessing, state: OptimiserState,
    kept: [String: Tensor] = [:]
  ) throws(NeuralNetError) {
    self.options = options
    let optimisation = options.optimisation
    let pairs = options.hardening?.method == .trades
    let loss: any TrainingLoss =
      pairs
      ? TradesLoss(beta: options.hardening?.beta ?? 0, labelSmoothing: optimisation.labelSmoothing)
      : BinaryCrossEntropy(labelSmoothing: optimisation.labelSmoothing)
    trainer = try DataParallelTrainer(
      network, batch: options.batch * (pairs ? 2 : 1), workers: options.workers,
      optimiser: optimisation.optimiser(state: state), loss: loss,
      gradientNormLimit: optimisation.clip > 0 ? optimisation.clip : nil,
      inputGradients: options.hardening?.method == .free, seed: options.seed)
    if let hardening = options.hardening {
      examples = try AdversarialExamples(
        hardening, network: network, preprocessing: preprocessing, batch: options.batch, workers: options.workers,
        seed: options.seed)
    } else {
      examples = nil
    }
    blending =
      options.adversarialBlending > 1
      ? try AdversarialBlending(draws: options.adversarialBlending, network: network, workers: options.workers) : nil
    free = options.hardening.flatMap { hardening in
      guard hardening.method == .free else { return nil }
      return FreePerturbation(
        replays: hardening.replays, preprocessing: preprocessing,
        values: options.batch / options.workers * network.inputShape.count, workers: options.workers, kept: kept)
    }
  }

  /// Checkpoint state besides network and optimiser.
  var kept: [String: Tensor] { free?.kept ?? [:] }

  /// Number of the batch in a step: a new one each step, except for `free`.
  func minibatch(ofStep step: Int) -> Int { free?.minibatch(ofStep: step) ?? step }

  /// Runs one step on a batch and returns its loss.
  ///
  /// - Parameter totalSteps: length of the run; the budget ramps up over a fraction of it.
  func step(_ batch: TrainingBatch, learningRate: Float, totalSteps: Int, clock: EpochClock) throws -> Float {
    let step = trainer.stepsDone
    let blending = blending
    try blending?.load(trainer.network.parameters)
    guard let examples, let hardening = options.hardening else {
      return try trainer.step(labels: batch.labels, weights: batch.weights, learningRate: learningRate) {
        samples, input in
        try clock.measureData {
          try batch.write(samples, into: input, blending: blending, worker: samples.lowerBound / samples.count)
        }
      }.loss
    }
    let epsilon = hardening.budget(step: step, of: totalSteps)
    if let free {
      return try freeStep(batch, learningRate: learningRate, epsilon: epsilon, free, clock: clock)
    }
    try examples.load(trainer.network.parameters)
    let perWorker = options.batch / options.workers
    let pairs = hardening.method == .trades
    /// Expands values to the trainer's samples: for pairs each worker has its crops twice.
    func spread(_ values: [Float]) -> [Float] {
      guard pairs else { return values }
      return (0..<options.workers).flatMap { worker in
        let own = values[(worker * perWorker)..<((worker + 1) * perWorker)]
        return own + own
      }
    }
    // Perturbations target the network before this step, for all workers alike.
    let result = try trainer.step(
      labels: spread(batch.labels), weights: batch.weights.map(spread), learningRate: learningRate
    ) { samples, input in
      let worker = samples.lowerBound / samples.count
      let crops = (worker * perWorker)..<((worker + 1) * perWorker)
      let values = input.count / samples.count * perWorker
      let clean = UnsafeMutableBufferPointer(rebasing: input[..<values])
      try clock.measureData { try batch.write(crops, into: clean, blending: blending, worker: worker) }
      let target = pairs ? UnsafeMutableBufferPointer(rebasing: input[values...]) : clean
      if pairs { _ = target.update(fromContentsOf: clean) }
      try examples.perturb(
        target, labels: Array(batch.labels[crops]), worker: worker, step: step, first: crops.lowerBound,
        epsilon: epsilon)
    }
    return result.loss
  }

  private func freeStep(
    _ batch: TrainingBatch, learningRate: Float, epsilon: Float, _ free: FreePerturbation, clock: EpochClock
  ) throws -> Float {
    let minibatch = minibatch(ofStep: trainer.stepsDone)
    return try trainer.step(labels: batch.labels, weights: batch.weights, learningRate: learningRate) {
      samples, input in
      try free.fill(input, worker: samples.lowerBound / samples.count, minibatch: minibatch, epsilon: epsilon) {
        clean in
        try clock.measureData { try batch.write(samples, into: clean) }
      }
    } inputGradient: { samples, gradient in
      free.ascend(gradient, worker: samples.lowerBound / samples.count, epsilon: epsilon)
    }.loss
  }

  /// AUC on perturbed validation crops at the full budget; nil without hardening.
  func robustAUC(_ network: Network, on data: TrainingData) throws -> Double? {
    guard let examples, let hardening = options.hardening else { return nil }
    try examples.load(network.parameters)
    defer { examples.release() }
    let every = max(1, data.validation.count / Self.watchedCrops)
    let crops = stride(from: 0, to: data.validation.count, by: every).map { data.validation[$0] }
    let values = network.inputShape.count
    var logits: [Double] = []
    for start in stride(from: 0, to: crops.count, by: examples.batch) {
      let part = Array(crops[start..<min(start + examples.batch, crops.count)])
      var input = [Float](repeating: 0, count: part.count * values)
      try input.withUnsafeMutableBufferPointer { input in
        for (slot, crop) in part.enumerated() {
          data.write(crop, into: UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)]))
        }
        try examples.perturb(
          input, labels: part.map(data.label), worker: 0, step: 0, first: start, epsilon: hardening.epsilon)
        logits += try examples.logits(input, count: part.count).map(Double.init)
      }
    }
    return ThresholdCurve(ScoredLabels(scores: logits, labels: crops.map { data.label($0) == 1 })).auc
  }
}
