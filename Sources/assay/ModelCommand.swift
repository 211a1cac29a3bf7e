import ArgumentParser
import Workflows

/// `assay model`: what is in a model file.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Inspect, import and export networks.",
    subcommands: [Show.self, ImportModel.self, ExportModel.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a model's card: layers, parameters, training data, calibration, measured figures.")

    @Argument(help: "Model file; without it the built-in model is shown.")
    var model: String?

    func run() throws {
      print(try describeModel(at: model))
    }
  }
}
