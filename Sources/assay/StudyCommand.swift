import ArgumentParser
import Foundation
import Runs
import Studies

/// `assay study`: reproducible experiments.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Run an experiment that answers a research question, with table, plots, settings and seeds.",
    usage: """
      assay study NAME DATA… -o DIR [--scale small|full] [options]
      assay study list
      """,
    discussion: """
      Settings come from pipelines/studies/NAME.yaml, or from a file of your own, given by its path instead of the name. \
      Each finished cell (arm, seed, budget) is recorded; started again with the same folder, a study resumes with the \
      missing ones. Writes settings.json, cells.csv, results.csv, SVG plots and index.html.

      Example: assay study paper crops -o paper --scale small
      """)

  @Argument(help: "Name of a study, path of a study file, or list.")
  var name: String

  @Argument(help: "Data; assay study list shows the kind that each study needs.")
  var data: [String] = []

  @Option(name: [.short, .long], help: "Folder for the results.")
  var output: String?

  @Option(help: "small takes at most 20 minutes on 2 cores; full takes as long as narrow intervals need.")
  var scale: StudyScale = .small

  @Option(
    help: ArgumentHelp(
      "Models under study, separated by commas: model files or built-in models (default: the study's own choice). Not for studies that train networks.",
      valueName: "models"))
  var models: String?

  @Option(
    help:
      "Split file, or a model whose split to use (default: that of the model under study, or one made from the seed).")
  var split: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Overrides a setting of the study file; several values are separated by commas. Give it once for each setting.",
      valueName: "name=value"))
  var changes: [String] = []

  @Option(help: "Random seed.")
  var seed: UInt64 = 1

  @Option(help: "Number of threads for training and attacks.")
  var workers = 2

  @Flag(help: "Start over: remove the files of an earlier run from the folder.")
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
      guard output != nil else { throw ValidationError("name an output folder: -o DIR.") }
    }
  }

  func run() throws {
    guard !isList, let output else {
      print(try StudyCatalog.listing(asJSON: json))
      let files = SettingsFolders.list("pipelines/studies", ending: ".yaml")
      if !json, files.isEmpty {
        print(
          "None of their settings files is in \(SettingsFolders.all.joined(separator: ", ")): run it in the checkout or "
            + "install assay, or give the path of a study file.")
      }
      return
    }
    try requireInputs(data)
    let file: StudyFile
    do { file = try StudyFile(name, scale: scale) } catch let error as ValidationError {
      throw WorkflowError.usage(
        "\(error.message); studies are \(StudyCatalog.names.joined(separator: ", ")), see assay study list")
    }
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
