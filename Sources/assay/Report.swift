import ArgumentParser
import Review

/// `assay report`: the page of a run.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write an HTML report of a scan: one file that needs no network.",
    discussion: """
      Contains counts, a sortable and filterable table, and the scores of each video over time; for flagged videos, \
      which are decoded again, also their faces, the deciding ones, and heat maps. Decisions can be marked in the page \
      and downloaded as a CSV of labelled videos for assay evaluate and assay crops.

      Example: assay report /srv/verdicts --clips
      """)

  @Argument(help: ArgumentHelp("Output folder of a scan.", valueName: "run"))
  var folder: String

  @Option(name: [.short, .long], help: "Path of the page. (default: report.html in the folder)")
  var output: String?

  @Option(
    help: "Model that the scan was made with: a file, or a built-in model: standard (the default), paper, hardened.")
  var model: String?

  @OptionGroup
  var evidence: ReportArguments

  @OptionGroup
  var moved: MovedArguments

  @OptionGroup
  var decoders: DecoderArguments

  @Flag(name: [.short, .long], help: "No progress and no summary; errors only.")
  var quiet = false

  @OptionGroup
  var file: PipelineArguments

  func run() throws {
    try requireInputs([folder])
    try requireModels([model].compactMap(\.self))
    var options = evidence.options(run: folder)
    options.output = output
    options.modelPath = model
    options.workers = decoders.processes
    options.quiet = quiet
    options.moves = try moved.moves
    let summary = try makeReport(options)
    if !quiet { print(summary.text) }
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }
}

/// What a report shows, for `assay report` and `assay scan --report`.
struct ReportArguments: ParsableArguments {
  @Option(
    help: """
      Show pictures of at most this many flagged and undecided videos, the most suspicious first (default: 200).
      """)
  var pictures: Int?

  @Flag(help: "Also show pictures of videos judged real, after the others.")
  var picturesOfReal = false

  @Flag(
    help: "Cut the suspicious segments of videos with pictures into clips with face box and heat map, beside the page.")
  var clips = false

  func validate() throws {
    if let pictures { try require(pictures, in: 0...1_000_000, "--pictures") }
  }

  /// An option that was given; nil for none.
  var given: String? {
    if pictures != nil { return "--pictures" }
    if picturesOfReal { return "--pictures-of-real" }
    return clips ? "--clips" : nil
  }

  func options(run: String) -> ReportOptions {
    var options = ReportOptions(run: run)
    if let pictures { options.pictures = pictures }
    options.includesReal = picturesOfReal
    options.clips = clips
    return options
  }
}
