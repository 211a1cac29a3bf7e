import ArgumentParser
import NeuralNet
import Training

/// `assay gan train`.
struct GANTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a generator of faces on the real crops of a set.",
    discussion: """
      Uses only crops of the training part, so that assay train may use the pictures with the same split. \
      Every --look-every steps a sheet of pictures and a line of the log are written; Ctrl-C ends after the running step \
      and leaves a checkpoint, from which the same command resumes it (more --steps extend a training); --overwrite starts \
      over. Warns of mode collapse.

      Example: assay gan train crops -o faces.safetensors
      """)

  @Argument(help: "Crop set made by assay crops.")
  var crops: String

  @OptionGroup
  var written: ModelFileArguments

  @Option(help: "Networks: \(GANChoices.designs).")
  var design = "dcgan"

  @Option(help: "Side of the pictures in pixels: \(GANChoices.sizes).")
  var size = 64

  @Option(help: "Base number of channels (default: the design's own); doubling it costs four times as much.")
  var width: Int?

  @Option(help: "Length of the latent vector (default: the design's own).")
  var latent: Int?

  @Option(help: "Training steps, each of the discriminator and of the generator.")
  var steps = 20_000

  @Option(help: "Batch size: crops per step.")
  var batch = 16

  @Option(help: "Loss: hinge or non-saturating (default: the design's own).")
  var loss: AdversarialLoss?

  @Option(help: "Learning rate of the generator (default: the design's own).")
  var generatorRate: Float?

  @Option(help: "Learning rate of the discriminator (default: the design's own).")
  var discriminatorRate: Float?

  @Option(help: "Discriminator steps per generator step.")
  var discriminatorSteps = 1

  @Option(
    help:
      "Differentiable augmentation of the discriminator's inputs (Zhao et al. 2020): \(GANChoices.augmentations), separated by commas, or none."
  )
  var augmentation = "colour,translation"

  @Flag(inversion: .prefixedNo, help: "Also train on mirrored crops.")
  var mirrors = true

  @Option(help: "Decay of the moving average of the generator's weights.")
  var average: Float = 0.999

  @Option(help: "Steps between two sheets and log lines.")
  var lookEvery = 250

  @Option(help: "Warn of mode collapse when the diversity of pictures is below this fraction of that of real crops.")
  var collapseFraction = 0.5

  @Option(help: ArgumentHelp("Split to use: a split file, or a model such as paper.", valueName: "split"))
  var split: String?

  @Option(help: "Seed of split, weights, latents, order and augmentations.")
  var seed: UInt64 = 1

  @OptionGroup
  var trainer: TrainerArguments

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    if let width { try require(width, in: 2...1024, "--width") }
    if let latent { try require(latent, in: 1...4096, "--latent") }
    try require(steps, in: 1...100_000_000, "--steps")
    try require(batch, in: 2...4096, "--batch")
    for (rate, option) in [(generatorRate, "--generator-rate"), (discriminatorRate, "--discriminator-rate")] {
      if let rate { try require(rate, in: 1e-7...1, option) }
    }
    try require(discriminatorSteps, in: 1...20, "--discriminator-steps")
    try require(average, in: 0...0.99999, "--average")
    try require(lookEvery, in: 1...1_000_000, "--look-every")
    try require(collapseFraction, in: 0...1, "--collapse-fraction")
    guard batch >= 2 * trainer.workers else {
      throw ValidationError("--batch \(batch) leaves some of \(trainer.workers) workers fewer than two crops.")
    }
    _ = try GANChoices.kinds(augmentation)
  }

  func run() throws {
    try requireInputs([crops])
    var options = GANOptions(crops: crops, output: written.output)
    options.name = written.modelName
    options.design = design
    options.size = size
    options.width = width
    options.latent = latent
    options.steps = steps
    options.batch = batch
    options.loss = loss
    options.generatorRate = generatorRate
    options.discriminatorRate = discriminatorRate
    options.discriminatorSteps = discriminatorSteps
    options.setAugmentation(try GANChoices.kinds(augmentation))
    options.mirrors = mirrors
    options.average = average
    options.lookEvery = lookEvery
    options.collapseFraction = collapseFraction
    options.splitPath = split
    options.seed = seed
    options.workers = trainer.workers
    options.resume = trainer.resume
    options.quiet = common.quiet
    if let done = try options.settle(trainer.overwrite ? .overwrite : .keep) { return print(done) }
    let summary = try trainGAN(options)
    print(summary.table)
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }
}

extension GANChoices {
  /// - Throws: `ValidationError` for a name that there is not.
  fileprivate static func kinds(_ text: String) throws -> [String] {
    guard text != "none" else { return [] }
    let names = text.split(separator: ",").map(String.init)
    let known = augmentations.split(separator: ",").map(String.init)
    guard !names.isEmpty, names.allSatisfy(known.contains) else {
      throw ValidationError("--augmentation takes \(augmentations) or none, not '\(text)'.")
    }
    return names
  }
}
