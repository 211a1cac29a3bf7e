import ArgumentParser
import Training

/// `assay train`: trains a network on a crop set.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on a crop set and write a model file.",
    discussion: """
      The crops are split 60/20/20 by source identity. The epoch with the best result on the validation part is kept, \
      calibrated there and written; the test part is not used. Ctrl-C ends after the running step and leaves a \
      checkpoint, from which the same command resumes it. A finished model or a checkpoint of other settings is not \
      overwritten without --overwrite.

      Example: assay train crops -o mine.safetensors
      """)

  @Argument(help: "Crop set made by assay crops.")
  var crops: String

  @OptionGroup(title: "Most used")
  var written: ModelFileArguments

  @OptionGroup(title: "Most used")
  var daily: DailyTrainArguments

  @Option(help: "Channels of paper-cnn's four convolutions, separated by commas (default: 8,8,16,16).")
  var widths: String?

  @Option(help: "Units of paper-cnn's first fully connected layer (default: 16).")
  var hidden: Int?

  @Option(help: "Dropout probability before paper-cnn's fully connected layers (default: 0.5).")
  var dropout: Float?

  @Flag(
    help: "Fold the batch norm of --from's network into its convolutions: its statistics stay fixed, steps are faster.")
  var foldNorm = false

  @OptionGroup(title: "Samples")
  var samples: SampleArguments

  @OptionGroup(title: "Optimisation")
  var optimisation: OptimisationArguments

  @OptionGroup(title: "Kernel")
  var kernel: KernelArguments

  @OptionGroup(title: "Hardening")
  var hardening: HardeningArguments

  @Option(help: "Early stopping after so many epochs without improvement; 0 disables it.")
  var patience = 0

  @Option(help: "Strength of the augmentations, 0 (none) to 1.")
  var augmentation: Float = 1

  @OptionGroup(title: "Extra fakes")
  var fakes: ExtraFakesArguments

  @Option(
    help: ArgumentHelp(
      """
      Average the new model's logit with that of this one, which must not have been trained on the validation and test \
      parts of the split: a model file or a built-in model.
      """, valueName: "model"))
  var ensembleWith: String?

  @OptionGroup(title: "Calibration")
  var calibration: CalibrationArguments

  @Option(help: ArgumentHelp("Known limits of the model, for its card.", valueName: "text"))
  var limits: String?

  @Option(
    help: ArgumentHelp(
      "Manipulations to exclude from training, separated by commas, to measure generalisation to them.",
      valueName: "methods"))
  var leaveOut: String?

  @Option(
    help: ArgumentHelp(
      "Split to use instead of a new one: a split file, or a model such as that of --from or --ensemble-with.",
      valueName: "split"))
  var split: String?

  @Flag(help: "Train even if a source is in two parts of the split.")
  var allowLeakage = false

  @Option(help: "Seed of split, weights, order and augmentations.")
  var seed: UInt64 = 1

  @OptionGroup
  var trainer: TrainerArguments

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    if let widths, channels(widths).count != 4 {
      throw ValidationError("--widths needs four whole numbers such as 8,8,16,16, not \(widths).")
    }
    if let hidden { try require(hidden, in: 1...4096, "--hidden") }
    if let dropout { try require(dropout, in: 0...0.95, "--dropout") }
    guard daily.from == nil || (daily.network == "paper-cnn" && widths == nil && hidden == nil && dropout == nil) else {
      throw ValidationError(
        "--from keeps the network of \(daily.from ?? ""): omit --network, --widths, --hidden and --dropout.")
    }
    guard daily.network.split(separator: "+").first == "paper-cnn" || (widths == nil && hidden == nil && dropout == nil)
    else {
      throw ValidationError("--widths, --hidden and --dropout are settings of paper-cnn, not of \(daily.network).")
    }
    guard !foldNorm || daily.from != nil else {
      throw ValidationError("--fold-norm needs --from, a model with the statistics.")
    }
    guard split == nil || !trainer.resume else {
      throw ValidationError("--resume continues with the split beside the output: omit --split.")
    }
    try require(daily.epochs, in: 1...100_000, "--epochs")
    try require(daily.batch, in: 2...4096, "--batch")
    try require(patience, in: 0...100_000, "--patience")
    try require(augmentation, in: 0...1, "--augmentation")
    guard fakes.adversarialBlending == nil || hardening.adversarial != .free else {
      throw ValidationError("--adversarial-blending cannot be combined with --adversarial free.")
    }
    if let kernel = kernel.options, kernel.copies == 0, fakes.selfBlending > 0 || fakes.gan != nil {
      throw ValidationError(
        "Only augmented copies become additional fakes: use --kernel-copies 1 or more with --kernel.")
    }
    guard
      !samples.pairs || (daily.batch.isMultiple(of: 2 * trainer.workers) && fakes.gan == nil && kernel.options == nil)
    else {
      throw ValidationError(
        "--pairs needs a --batch that is a multiple of \(2 * trainer.workers), twice the workers; it cannot be combined "
          + "with --gan and --kernel.")
    }
    guard daily.batch % trainer.workers == 0 else {
      throw ValidationError("--batch \(daily.batch) cannot be divided equally among \(trainer.workers) workers.")
    }
  }

  func run() throws {
    try requireInputs([crops])
    try requireModels([daily.from].compactMap(\.self))
    var options = TrainOptions(crops: crops, output: written.output)
    options.name = written.modelName
    options.network = daily.network
    options.from = daily.from
    options.foldsNorm = foldNorm
    if let widths { options.widths = channels(widths) }
    if let hidden { options.hidden = hidden }
    if let dropout { options.dropout = dropout }
    options.epochs = daily.epochs
    options.batch = daily.batch
    try samples.apply(to: &options)
    options.optimisation = optimisation.options
    options.hardening = try hardening.options
    options.kernel = kernel.options
    options.patience = patience
    options.augmentation = augmentation
    fakes.apply(to: &options)
    options.leftOut = leaveOut?.split(separator: ",").map(String.init) ?? []
    options.partner = ensembleWith
    options.assumedPrevalence = calibration.assumedPrevalence
    if let limits { options.limits = limits }
    options.givenSplit = split
    options.allowsLeakage = allowLeakage
    options.seed = seed
    options.workers = trainer.workers
    options.resume = trainer.resume
    options.quiet = common.quiet
    if let done = try options.settle(trainer.overwrite ? .overwrite : .keep) { return print(done) }
    let summary = try trainDetector(options)
    print(summary.table)
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }

  private func channels(_ widths: String) -> [Int] {
    widths.split(separator: ",").compactMap { Int($0) }.filter { (1...1024).contains($0) }
  }
}

/// The options of `assay train` that most trainings need.
struct DailyTrainArguments: ParsableArguments {
  @Option(help: "Architecture and its modifiers, as listed by assay model list.")
  var network = "paper-cnn"

  @Option(
    help: ArgumentHelp(
      "Model to start from instead of random weights: a model file (from assay train or assay model import), or builtin.",
      valueName: "model"))
  var from: String?

  @Option(help: "Number of epochs.")
  var epochs = 40

  @Option(help: "Batch size: crops per step.")
  var batch = 32
}
