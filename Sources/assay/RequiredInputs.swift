import ArgumentParser
import Runs
import Scoring

/// - Throws: `WorkflowError.usage` when nothing is at one of the paths, so that nothing starts.
func requireInputs(_ paths: [String]) throws(WorkflowError) {
  let missing = paths.filter { InputWalk.isMissing(Array($0.utf8)) }
  guard !missing.isEmpty else { return }
  throw .usage(
    "there is no file or folder \(missing.map { "'\($0)'" }.joined(separator: ", ")): check the path and the working "
      + "directory")
}

/// - Throws: `WorkflowError.usage` for a text that is neither a built-in model nor the path of a file.
func requireModels(_ models: [String]) throws(WorkflowError) {
  guard let missing = models.first(where: isMissingModel) else { return }
  throw .usage("there is no model '\(missing)': give a model file; \(builtInModels)")
}

/// - Throws: `ValidationError` for an option on the command line that only means something beside another, which is
///   missing.
func require(_ option: String, _ isGiven: Bool, beside dependents: [String]) throws {
  guard !isGiven else { return }
  for argument in CommandLine.arguments {
    if let name = dependents.first(where: { argument == $0 || argument.hasPrefix($0 + "=") }) {
      throw ValidationError("\(name) needs \(option).")
    }
  }
}

/// The option of commands that read videos again after a scan.
struct MovedArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("Where a folder of videos is now that was moved since the scan.", valueName: "old=new"))
  var root: [String] = []

  var moves: MovedRoots {
    get throws { try MovedRoots(root) }
  }
}
