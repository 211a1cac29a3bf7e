import Compute
import Datasets
import Foundation
import Imaging
package import Models
package import NeuralNet
package import Runs

/// State of one GAN training: trainer, log and findings.
package struct GANRun {
  package let trainer: AdversarialTrainer
  private let options: GANOptions
  private let data: GANData
  private let design: any AdversarialDesign
  private let looker: GANLooker
  private let watch: CollapseWatch
  private var interval = GANInterval()
  private var order: (pass: Int, crops: [Int])?
  private var secondsBefore = 0.0
  private let begin = monotonicSeconds()
  private(set) var looks: [GANLook] = []
  /// Called after each step with the number of completed steps.
  var afterStep: (Int) -> Void = { _ in }

  /// Starts a new run, or resumes from the checkpoint of an earlier run.
  init(_ options: GANOptions, data: GANData) throws {
    self.options = options
    self.data = data
    let design = try options.madeDesign()
    self.design = design
    watch = CollapseWatch(fraction: options.collapseFraction, grace: options.collapseGrace)
    var settings = AdversarialTrainer.Settings()
    settings.batch = options.batch
    settings.workers = options.workers
    settings.loss = options.loss ?? design.loss
    settings.discriminatorSteps = options.discriminatorSteps
    settings.augmentation =
      options.augmentation.isEmpty ? nil : DifferentiableAugmentation(options.augmentation)
    settings.normalisesSpectrum = design.normalisesSpectrum
    settings.averageDecay = options.average
    settings.seed = options.seed
    var rule = Adam.Settings()
    (rule.beta1, rule.beta2) = design.betas
    let kept =
      options.resume
      ? try GANCheckpoint(path: options.checkpointPath, settings: options.recorded(design)) : nil
    trainer = try AdversarialTrainer(
      generator: kept?.generator.network ?? design.generator(seed: options.seed),
      discriminator: kept?.discriminator.network ?? design.discriminator(seed: options.seed), settings: settings,
      generatorOptimiser: Adam(rule, state: kept?.generator.optimiser ?? OptimiserState()),
      discriminatorOptimiser: Adam(rule, state: kept?.discriminator.optimiser ?? OptimiserState()),
      average: kept?.generator.average, singularVectors: kept?.discriminator.kept)
    looker = try GANLooker(trainer, data: data, options: options)
    guard let kept else { return }
    interval = kept.interval
    looks = try GANLog.read(options.logLinesPath, upTo: trainer.stepsDone)
    secondsBefore = looks.last?.seconds ?? 0
  }

  package var isComplete: Bool { trainer.stepsDone >= options.steps }

  /// Descriptions of the problems at the last log entry.
  package var findings: [String] { watch.findings(looks).map(\.text) }

  /// Training time in seconds, including earlier runs.
  package var seconds: Double { secondsBefore + monotonicSeconds() - begin }

  /// Runs the remaining steps; stops early, with a checkpoint, when `interruption` requests it.
  package mutating func run(_ interruption: Interruption, progress: ProgressLine) throws {
    while !isComplete, !interruption.isRequested {
      try train()
      progress.set(done: trainer.stepsDone, note: note)
      afterStep(trainer.stepsDone)
      if trainer.stepsDone % options.lookEvery == 0 || isComplete { try look(progress) }
    }
    try saveCheckpoint()
  }

  /// Writes everything that `--resume` needs.
  func saveCheckpoint() throws {
    try GANCheckpoint(trainer, interval: interval).write(options.recorded(design), to: options.checkpointPath)
  }

  /// The current model.
  package func model() throws -> GANModel {
    var crops = data.set.header.crops
    crops.size = data.size
    let datasets = Set(data.training.map { data.set.records[$0].item.dataset }).sorted().joined(separator: ", ")
    let groups = data.groups
    var settings = options.recorded(design)
    settings["steps"] = "\(trainer.stepsDone)"
    return try GANModel(
      name: options.name, generator: trainer.averagedGenerator, discriminator: trainer.judgingDiscriminator,
      cropSettings: crops,
      card: ModelCard(
        trainingData:
          "\(data.training.count) real crops of \(groups.count) sources (\(datasets)), of the training part only",
        settings: settings,
        validation: [ModelCard.Figure(name: "diversity", value: looks.last?.diversity ?? 0)],
        intendedUse: "Additional fakes for training classifiers, and for studies. Its pictures show no real person.",
        limits: "May reproduce training crops: assay gan evaluate measures this.",
        licence: "Subject to the terms of the training data."),
      trainingGroups: groups, findings: findings)
  }

  private mutating func train() throws {
    let rounds = max(options.discriminatorSteps, 1)
    var drawn: [[(crop: Int, draw: Int)]] = []
    for round in 0..<rounds { drawn.append(batch(number: trainer.stepsDone * rounds + round)) }
    let crops = drawn
    let (data, mirrors, seed) = (data, options.mirrors, options.seed)
    let result = try trainer.step(
      generatorRate: options.generatorRate ?? design.rates.generator,
      discriminatorRate: options.discriminatorRate ?? design.rates.discriminator
    ) { round, samples, input in
      let values = input.count / samples.count
      for (slot, sample) in samples.enumerated() {
        let (crop, draw) = crops[round][sample]
        var generator = SeededGenerator(seed: seed, path: [0x4D49_5252, UInt64(draw)])
        data.write(
          crop, mirrored: mirrors && generator.uniform() < 0.5,
          into: UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)]))
      }
    }
    interval.steps += 1
    interval.discriminatorLoss += Double(result.discriminatorLoss)
    interval.generatorLoss += Double(result.generatorLoss)
    interval.realRecognised += Double(result.realRecognised)
    interval.generatedRecognised += Double(result.generatedRecognised)
  }

  /// The crops of the batch with this number, each with its index among all draws of the run; epochs follow each other
  /// without a gap.
  private mutating func batch(number: Int) -> [(crop: Int, draw: Int)] {
    var batch: [(crop: Int, draw: Int)] = []
    for draw in (number * options.batch)..<((number + 1) * options.batch) {
      let pass = draw / data.training.count
      let crops = order?.pass == pass ? order?.crops ?? [] : data.order(pass: pass)
      order = (pass, crops)
      batch.append((crops[draw % data.training.count], draw))
    }
    return batch
  }

  private mutating func look(_ progress: ProgressLine) throws {
    var look = try looker.look(trainer, means: interval, seconds: seconds)
    looks.append(look)
    let news = watch.news(looks)
    if !news.isEmpty {
      look.warning = news.map(\.text).joined(separator: "; ")
      looks[looks.count - 1] = look
      progress.finish()
      for finding in news { writeToStandardError("warning: \(finding.text)\n") }
    }
    interval = GANInterval()
    try GANLog.write(looks, options)
    try saveCheckpoint()
  }

  private var note: String {
    let count = Double(max(interval.steps, 1))
    var text = String(
      format: "loss %.3f against %.3f", interval.discriminatorLoss / count, interval.generatorLoss / count)
    if let last = looks.last { text += String(format: ", diversity %.2f", last.diversity) }
    return text
  }
}
