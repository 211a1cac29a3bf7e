import ArgumentParser

/// The options of commands that show progress and may be kept in a file.
struct CommonArguments: ParsableArguments {
  @Flag(name: [.short, .long], help: "No progress on stderr.")
  var quiet = false

  @OptionGroup
  var file: PipelineArguments
}

/// The option of commands whose settings may be kept in a file.
struct PipelineArguments: ParsableArguments {
  /// For the help alone: `PipelineFile` has replaced it by then.
  @Option(help: ArgumentHelp("Read settings from pipelines/NAME.yaml or from a YAML file.", valueName: "name"))
  var pipeline: String?
}
