import ArgumentParser
import Foundation
import Training

/// `assay gan`: generators of faces, trained on crops.
struct GANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan", abstract: "Train a generator of faces and its discriminator, sample from it, measure it.",
    subcommands: [GANTrain.self, GANSample.self, GANEvaluate.self])
}

/// `assay gan sample`.
struct GANSample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Make pictures with a generator: one PNG each, and a sheet.")

  @Argument(help: "Model file made by assay gan train.")
  var model: String

  @Option(name: [.short, .long], help: "Folder for the pictures.")
  var output: String

  @Option(help: "Pictures to make.")
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
    abstract: "Measure a generator's pictures beside real crops that it never saw.",
    discussion: """
      Fréchet distance (Heusel et al. 2017), precision and recall (Kynkäänniemi et al. 2019) in the features of \
      detectors, and whether pictures repeat crops of the training part. Values hold for the same features and the same \
      number of pictures alone.
      """)

  @Argument(help: "Model file made by assay gan train.")
  var model: String

  @Argument(help: "The crop set that it was trained on.")
  var crops: String

  @Option(
    help: ArgumentHelp(
      "Models in whose features distances are measured, by commas: files, also of imported networks, or built-in ones.",
      valueName: "models"))
  var features = "standard,paper"

  @Option(help: "Pictures to make (default: as many as there are unseen real crops).")
  var count: Int?

  @Option(help: "Real crops to compare with at most.")
  var most = 1000

  @Option(help: "Nearest neighbours that precision and recall are defined by.")
  var neighbours = 3

  @OptionGroup
  var pictures: GeneratorArguments

  @Option(help: "Split file, or a model whose split is taken; without it the split beside the generator is read.")
  var split: String?

  @Option(help: "Write a page with pictures beside their nearest training crops to this folder.")
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
