import ArgumentParser
import Foundation
import Studies

/// `assay study`: a reproducible experiment.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Run an experiment that answers a question, with its table, plots, settings and seeds.",
    usage: """
      assay study NAME DATA… -o DIR [--scale small|full] [options]
      assay study list
      """,
    discussion: """
      Settings come from pipelines/studies/NAME.yaml, or from a file of your own whose path stands in place of the name. \
      Each cell (arm, seed, budget) is written down as it is finished; started again with the same folder, a study goes on \
      with those that are missing. Writes settings.json, cells.csv, results.csv, SVG plots and index.html.
      """)

  @Argument(help: "A study, the path of a study's file, or list.")
  var name: String

  @Argument(help: "The data: what kind a study takes is shown by assay study list.")
  var data: [String] = []

  @Option(name: [.short, .long], help: "Folder for the results.")
  var output: String?

  @Option(help: "small ends within 20 minutes on 2 cores; full takes as long as good intervals need.")
  var scale: StudyScale = .small

  @Option(
    help: ArgumentHelp(
      "Models that the study looks at: files or built-in ones, by commas; without it, the study's own choice. Studies that train networks take none.",
      valueName: "models"))
  var models: String?

  @Option(
    help: "Split file, or a model whose split is taken; without it that of the model under study, or one of the seed.")
  var split: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Another value for a setting of the study's file; several values by commas.", valueName: "name=value"))
  var changes: [String] = []

  @Option(help: "Seed of all that is random.")
  var seed: UInt64 = 1

  @Option(help: "Threads that train and attack.")
  var workers = 2

  @Flag(help: "Begin anew: remove what an earlier run left in the folder.")
  var restart = false

  @Flag(help: "Print the results as JSON.")
  var json = false

  @OptionGroup
  var common: CommonArguments

  private var isList: Bool { name == "list" }

  func validate() throws {
    try require(workers, in: 1...256, "--workers")
    _ = try changedSettings()
    if isList {
      guard data.isEmpty, output == nil else { throw ValidationError("assay study list takes no data and no -o.") }
    } else {
      guard output != nil else { throw ValidationError("name a folder for the results: -o DIR.") }
    }
  }

  func run() throws {
    guard !isList, let output else { return print(try StudyCatalog.listing(asJSON: json)) }
    try requireInputs(data)
    let file = try StudyFile(name, scale: scale)
    var options = StudyOptions(file.study, inputs: data, output: output)
    options.scale = scale
    options.settings = file.settings
    options.settings.values.merge(try changedSettings()) { $1 }
    options.models = models?.split(separator: ",").map(String.init) ?? []
    options.splitPath = split
    options.seed = seed
    options.workers = workers
    options.restart = restart
    options.quiet = common.quiet || json
    let summary = try runStudy(options)
    print(json ? try summary.json() : summary.text)
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }

  private func changedSettings() throws -> [String: [String]] {
    var settings: [String: [String]] = [:]
    for change in changes {
      let parts = change.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw ValidationError("--set takes NAME=VALUE such as epochs=3, not '\(change)'.")
      }
      settings[parts[0]] = parts[1].split(separator: ",").map(String.init)
    }
    return settings
  }
}
