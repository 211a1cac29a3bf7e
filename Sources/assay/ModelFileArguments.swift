import ArgumentParser
import Foundation

/// The options of commands that make a model file.
struct ModelFileArguments: ParsableArguments {
  @Option(name: [.short, .long], help: "Model file to write.")
  var output: String

  @Option(help: "Name of the model, stored in the file.")
  var name: String?

  /// The name to store; by default the file's.
  var modelName: String { name ?? URL(filePath: output).deletingPathExtension().lastPathComponent }
}
