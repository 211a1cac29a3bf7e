import ArgumentParser
import Training

/// `assay model`: architectures and model files.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "List, inspect, import and export networks.",
    subcommands: [
      ModelList.self, ModelShow.self, ImportModel.self, ExportModel.self, EnsembleModels.self,
      AverageModels.self,
    ])
}

/// `assay model list`.
struct ModelList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the built-in models and the architectures that can be trained, with parameters and GFLOP.",
    discussion: "Example: assay model list")

  @Flag(help: "Print the list as JSON.")
  var json = false

  func run() throws {
    print(try listNetworks(asJSON: json))
  }
}

/// `assay model show`.
struct ModelShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print a network's layers, parameters and GFLOP, and a model file's card.",
    discussion: "Examples: assay model show standard; assay model show resnet-18+width=0.5")

  @Argument(
    help: ArgumentHelp(
      """
      Architecture with modifiers as in 'assay model list', a model file or a built-in model (default: standard).
      """,
      valueName: "name-or-file"))
  var model: String?

  @Option(help: "Side of the architecture's input in pixels, instead of its default.")
  var size: Int?

  @Flag(help: "Print everything as JSON.")
  var json = false

  @Flag(help: "Print a model's measured figures as a Markdown table.")
  var markdown = false

  func validate() throws {
    if let size { try require(size, in: 32...2048, "--size") }
    if markdown, json || size != nil { throw ValidationError("--markdown goes with neither --json nor --size.") }
  }

  func run() throws {
    if markdown { return print(try modelFigures(at: model)) }
    print(try showNetwork(model, inputSize: size, asJSON: json))
  }
}
