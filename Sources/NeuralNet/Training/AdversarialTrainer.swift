public import Compute

/// Trains a generator and a discriminator against each other (Goodfellow et al. 2014) with several workers, each with
/// its part of every batch on its own thread.
///
/// A step consists of one or more discriminator steps, on equally many real and generated samples, and one generator
/// step through the updated discriminator. The workers' gradients are summed before either network is updated. Batch
/// norm uses each worker's part separately, and real and generated samples separately. The same seed, data and number
/// of workers give the same result regardless of timing.
public final class AdversarialTrainer {
  public struct Settings: Sendable {
    /// Real samples per step; the number of generated samples is the same.
    public var batch = 16
    public var workers = 2
    public var loss = AdversarialLoss.hinge
    /// Discriminator steps per generator step.
    public var discriminatorSteps = 1
    /// Augmentation of the discriminator's inputs; nil for none.
    public var augmentation: DifferentiableAugmentation? = DifferentiableAugmentation()
    /// Whether the discriminator's weights are spectrally normalised.
    public var normalisesSpectrum = true
    /// Decay of the generator's moving average per step.
    public var averageDecay: Float = 0.999
    public var seed: UInt64 = 1

    public init() {}
  }

  /// Result of one step.
  public struct StepResult: Sendable {
    /// Loss of the last discriminator step.
    public let discriminatorLoss: Float
    public let generatorLoss: Float
    /// Fraction of real samples classified as real, and of generated samples classified as generated.
    public let realRecognised: Float
    public let generatedRecognised: Float
  }

  public let settings: Settings
  /// The generator with its current weights; the average is the better one to use.
  public private(set) var generator: Network
  /// The discriminator with its raw weights, not spectrally normalised.
  public private(set) var discriminator: Network
  public private(set) var average: WeightAverage
  public private(set) var generatorOptimiser: Adam
  public private(set) var discriminatorOptimiser: Adam
  /// nil without spectral normalisation.
  public private(set) var spectrum: SpectralNormalisation?
  private let generators: [Executor]
  private let discriminators: [Executor]
  private let bounds: [Int]
  /// The parameters loaded into the discriminators' executors.
  private var loaded: [String: Tensor] = [:]

  /// - Parameters:
  ///   - generator: `[latent]` to images in -1…1.
  ///   - discriminator: images to one logit, positive for real.
  ///   - average: averaged weights of a checkpoint; nil starts from the generator's.
  ///   - singularVectors: singular vectors of a checkpoint.
  public init(
    generator: Network, discriminator: Network, settings: Settings, generatorOptimiser: Adam,
    discriminatorOptimiser: Adam, average: [String: Tensor]? = nil, singularVectors: [String: Tensor]? = nil
  ) throws(NeuralNetError) {
    self.settings = settings
    self.generator = generator
    self.discriminator = discriminator
    self.generatorOptimiser = generatorOptimiser
    self.discriminatorOptimiser = discriminatorOptimiser
    self.average = WeightAverage(
      decay: settings.averageDecay, startingFrom: average ?? generator.parameters)
    bounds = try WorkerThreads.bounds(batch: settings.batch, workers: settings.workers)
    var generators: [Executor] = []
    var discriminators: [Executor] = []
    for worker in 0..<settings.workers {
      let part = bounds[worker + 1] - bounds[worker]
      generators.append(try Executor(generator, batch: part, use: .training))
      discriminators.append(try Executor(discriminator, batch: part, use: .training, inputGradients: true))
    }
    self.generators = generators
    self.discriminators = discriminators
    if settings.normalisesSpectrum {
      spectrum = SpectralNormalisation(discriminator, vectors: singularVectors, seed: settings.seed)
    }
    guard let picture = try generator.shapes(batch: 1)[generator.outputs[0]]?.sample,
      picture == discriminator.inputShape
    else {
      throw .input("the generator's pictures do not fit the discriminator's input \(discriminator.inputShape)")
    }
    try loadDiscriminators()
  }

  /// Completed steps, including those of the generator's optimiser before training was resumed.
  public var stepsDone: Int { generatorOptimiser.state.step }

  /// The generator with its averaged weights.
  public var averagedGenerator: Network {
    var network = generator
    network.parameters = average.tensors
    return network
  }

  /// The discriminator for inference: its weights are spectrally normalised if that is in use.
  public var judgingDiscriminator: Network {
    var network = discriminator
    var spectrum = spectrum
    if let divided = spectrum?.normalised(network.parameters) { network.parameters = divided }
    return network
  }

  /// Planned memory of a step in bytes, counted as in `DataParallelTrainer.memoryBytes`.
  public var memoryBytes: Int {
    func tensors(_ network: Network) -> Int {
      network.parameters.values.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
    }
    let copies = 4 * settings.workers + 2 + Adam.tensorsPerParameter
    return (generators + discriminators).reduce(0) { $0 + $1.memoryBytes }
      + (copies + 1) * tensors(generator) + (copies + 1) * tensors(discriminator)
  }

  /// One step of both networks.
  ///
  /// - Parameter fill: called on each worker's thread with the index of the discriminator step within this step, and
  ///   the range of samples to write, `[count, H, W, C]` floats in -1…1.
  /// - Throws: `notFinite` with the step and, if known, the layer; errors from `fill`.
  public func step(
    generatorRate: Float, discriminatorRate: Float,
    fill: @Sendable (_ round: Int, _ samples: Range<Int>, _ input: UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws -> StepResult {
    let step = stepsDone
    var fakes: [Tensor] = []
    var loss: Float = 0
    var recognised: (real: Float, generated: Float) = (0, 0)
    for round in 0..<max(settings.discriminatorSteps, 1) {
      let parts = try WorkerThreads.run(settings.workers) { worker in
        try discriminate(worker: worker, round: round, step: step, fill: fill)
      }
      loss = parts.reduce(0) { $0 + $1.loss }
      guard loss.isFinite else { throw try notFinite("discriminator's loss", discriminators, step: step) }
      var gradients = parts[0].gradients
      for part in parts.dropFirst() { gradients.add(part.gradients) }
      try moveDiscriminator(gradients, rate: discriminatorRate, step: step)
      fakes = parts.map(\.generated)
      let batch = Float(settings.batch)
      recognised = (
        Float(parts.reduce(0) { $0 + $1.realRecognised }) / batch,
        Float(parts.reduce(0) { $0 + $1.generatedRecognised }) / batch
      )
    }
    let losses = try WorkerThreads.run(settings.workers) { worker in
      try teach(worker: worker, fakes[worker], step: step)
    }
    let generatorLoss = losses.reduce(0, +)
    guard generatorLoss.isFinite else { throw try notFinite("generator's loss", discriminators, step: step) }
    try restoreStatistics()
    try moveGenerator(rate: generatorRate, step: step)
    return StepResult(
      discriminatorLoss: loss, generatorLoss: generatorLoss, realRecognised: recognised.real,
      generatedRecognised: recognised.generated)
  }

  // MARK: - One worker's part

  /// Random streams of a step.
  private enum Stream: UInt64 { case latents = 0x4C41_5445, real, generated, generatorStep }

  private func random(_ stream: Stream, step: Int, round: Int = 0, worker: Int) -> SeededGenerator {
    SeededGenerator(seed: settings.seed, path: [stream.rawValue, UInt64(step), UInt64(round), UInt64(worker)])
  }

  private struct Part {
    var loss: Float
    var gradients: [String: Tensor]
    var generated: Tensor
    var realRecognised: Int
    var generatedRecognised: Int
  }

  /// The discriminator's gradients on real and generated samples.
  private func discriminate(
    worker: Int, round: Int, step: Int,
    fill: (_ round: Int, _ samples: Range<Int>, _ input: UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws -> Part {
    let (generator, judge) = (generators[worker], discriminators[worker])
    var latents = random(.latents, step: step, round: round, worker: worker)
    try generator.setInput(
      .normal(Shape([generator.batch] + generator.inputShape.extents), using: &latents))
    let generated = try generator.forward(seed: settings.seed, step: step, worker: worker)

    try judge.withInput { try fill(round, bounds[worker]..<bounds[worker + 1], $0) }
    if settings.augmentation != nil {
      var own = random(.real, step: step, round: round, worker: worker)
      try judge.setInput(augmented(judge.input, using: &own).pictures)
    }
    let real = try judge.forwardBackward(seed: settings.seed, step: step, worker: worker) {
      logits throws(NeuralNetError) in try settings.loss.ofReal(logits, total: settings.batch)
    }
    var gradients = judge.parameterGradients

    var own = random(.generated, step: step, round: round, worker: worker)
    try judge.setInput(augmented(generated, using: &own).pictures)
    let fake = try judge.forwardBackward(seed: settings.seed, step: step, worker: worker) {
      logits throws(NeuralNetError) in try settings.loss.ofGenerated(logits, total: settings.batch)
    }
    gradients.add(judge.parameterGradients)
    return Part(
      loss: real.loss.value + fake.loss.value, gradients: gradients, generated: generated,
      realRecognised: real.output.values.count { $0 > 0 }, generatedRecognised: fake.output.values.count { $0 < 0 })
  }

  /// The generator's gradients through the discriminator, for its last samples; returns its loss.
  private func teach(worker: Int, _ generated: Tensor, step: Int) throws -> Float {
    let judge = discriminators[worker]
    var own = random(.generatorStep, step: step, worker: worker)
    let (pictures, draws) = augmented(generated, using: &own)
    try judge.setInput(pictures)
    let result = try judge.forwardBackward(seed: settings.seed, step: step, worker: worker) {
      logits throws(NeuralNetError) in try settings.loss.ofGenerator(logits, total: settings.batch)
    }
    let gradient = judge.inputGradientOfTraining
    try generators[worker].backward(settings.augmentation?.backward(gradient, draws) ?? gradient)
    return result.loss.value
  }

  private func augmented(
    _ pictures: Tensor, using generator: inout SeededGenerator
  ) -> (pictures: Tensor, draws: [DifferentiableAugmentation.Draw]) {
    guard let augmentation = settings.augmentation else { return (pictures, []) }
    let draws = augmentation.draws(
      pictures.shape[0], height: pictures.shape[2], width: pictures.shape[3], using: &generator)
    return (augmentation.forward(pictures, draws), draws)
  }

  // MARK: - Updating the weights

  private func moveDiscriminator(_ gradients: [String: Tensor], rate: Float, step: Int) throws {
    let own = spectrum?.gradients(ofNormalised: gradients) ?? gradients
    guard GradientNorm.of(own).isFinite else {
      throw try notFinite("discriminator's gradient", discriminators, step: step)
    }
    for executor in discriminators { executor.releaseParameters() }
    // Uniquely referenced tensors can be changed in place.
    loaded = [:]
    discriminatorOptimiser.update(&discriminator.parameters, own, learningRate: rate)
    discriminator.parameters.merge(discriminators.meanStatistics) { _, new in new }
    try loadDiscriminators()
  }

  private func loadDiscriminators() throws(NeuralNetError) {
    loaded = spectrum?.normalised(discriminator.parameters) ?? discriminator.parameters
    // Packing the weights of a small network takes less time than starting threads.
    for executor in discriminators { try executor.load(loaded) }
  }

  /// Restores the discriminator's running statistics, which the generator's step changed: they must come from its own
  /// steps only.
  private func restoreStatistics() throws(NeuralNetError) {
    guard !discriminators[0].runningStatistics.isEmpty else { return }
    for executor in discriminators { try executor.load(loaded) }
  }

  private func moveGenerator(rate: Float, step: Int) throws {
    let gradients = generators.summedGradients
    guard GradientNorm.of(gradients).isFinite else {
      throw try notFinite("generator's gradient", generators, step: step)
    }
    for executor in generators { executor.releaseParameters() }
    generatorOptimiser.update(&generator.parameters, gradients, learningRate: rate)
    generator.parameters.merge(generators.meanStatistics) { _, new in new }
    for executor in generators { try executor.load(generator.parameters) }
    average.update(generator.parameters, step: step)
  }

  private func notFinite(_ what: String, _ executors: [Executor], step: Int) throws -> NeuralNetError {
    for (worker, executor) in executors.enumerated() {
      if let node = try executor.firstNodeNotFinite(seed: settings.seed, step: step, worker: worker) {
        return .notFinite(what: what, step: step, node: node)
      }
    }
    return .notFinite(what: what, step: step, node: nil)
  }
}
