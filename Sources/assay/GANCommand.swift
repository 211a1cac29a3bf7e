import ArgumentParser
import Foundation
import Training

/// `assay gan`: generators of faces, trained on crops.
struct GANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan", abstract: "Train a generator of faces and its discriminator, sample from it, evaluate it.",
    subcommands: [GANTrain.self, GANSample.self, GANEvaluate.self])
}

/// `assay gan sample`.
struct GANSample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Generate pictures: one PNG each, and a contact sheet.",
    discussion: "Example: assay gan sample faces.safetensors -o pictures --count 16")

  @Argument(help: "Model file made by assay gan train.")
  var model: String

  @Option(name: [.short, .long], help: "Folder for the pictures.")
  var output: String

  @Option(help: "Number of pictures.")
  var count = 64

  @OptionGroup
  var pictures: GeneratorArguments

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    try require(count, in: 1...1_000_000, "--count")
  }

  func run() throws {
    try requireInputs([model])
    var options = GANSampleOptions(model: model, output: output)
    options.count = count
    options.seed = pictures.seed
    options.truncation = pictures.truncation
    options.quiet = common.quiet
    print(try sampleGAN(options))
  }
}

/// `assay gan evaluate`.
struct GANEvaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare a generator's pictures with held-out real crops.",
    discussion: """
      Fréchet distance (Heusel et al. 2017), precision and recall (Kynkäänniemi et al. 2019) in the features of \
      classifiers, and a test for memorised training crops. Values are comparable only for the same features and the \
      same number of pictures.

      Example: assay gan evaluate faces.safetensors crops --report compared
      """)

  @Argument(help: "Model file made by assay gan train.")
  var model: String

  @Argument(help: "The crop set that it was trained on.")
  var crops: String

  @Option(
    help: ArgumentHelp(
      "Models whose features are used, separated by commas: model files (also imported ones) or built-in models.",
      valueName: "models"))
  var features = "standard,paper"

  @Option(help: "Number of pictures (default: as many as held-out real crops).")
  var count: Int?

  @Option(help: "Maximum number of real crops to compare with.")
  var most = 1000

  @Option(help: "Number of nearest neighbours that define precision and recall.")
  var neighbours = 3

  @OptionGroup
  var pictures: GeneratorArguments

  @Option(help: "Split file, or a model whose split to use (default: the split beside the generator).")
  var split: String?

  @Option(help: "Write a page of pictures with their nearest training crops to this folder.")
  var report: String?

  @Option(help: "Threads.")
  var workers = 2

  @Flag(help: "Print everything as JSON.")
  var json = false

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    if let count { try require(count, in: 16...1_000_000, "--count") }
    try require(most, in: 16...1_000_000, "--most")
    try require(neighbours, in: 1...15, "--neighbours")
    try require(workers, in: 1...256, "--workers")
    guard !names.isEmpty else { throw ValidationError("--features needs a model such as standard.") }
  }

  private var names: [String] { features.split(separator: ",").map(String.init) }

  func run() throws {
    try requireInputs([model, crops])
    var options = GANEvaluateOptions(model: model, crops: crops)
    options.features = names
    options.count = count
    options.most = most
    options.neighbours = neighbours
    options.truncation = pictures.truncation
    options.splitPath = split
    options.report = report
    options.seed = pictures.seed
    options.workers = workers
    options.quiet = common.quiet || json
    let evaluation = try evaluateGAN(options)
    print(json ? try evaluation.json() : evaluation.table, terminator: json ? "\n" : "")
    if let report, !json { print("report: \(report)/index.html") }
  }
}
