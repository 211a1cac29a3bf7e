import ArgumentParser
import Review
import Runs

/// `assay history`: the last runs of a ledger.
struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the last scans of an output folder and warn of shifts in what they found.",
    discussion: """
      Each scan's new videos are compared with those of the scans before it with the same model and settings: scores, \
      videos without a face or verdict, containers and codecs, by the population stability index (PSI). A shift is an \
      index of 0.25 or more that chance does not explain.

      Example: assay history /srv/verdicts --last 60 -o history

      Exit codes: 0 done, 1 only with --fail-on-shift, 2 the ledger cannot be used, 64 usage error, 75 a scan uses the \
      ledger.
      """)

  @Argument(help: ArgumentHelp("Output folder of the scans, or their ledger file.", valueName: "folder"))
  var place: String

  @Option(help: "Number of scans to list.")
  var last = 30

  @Option(name: [.short, .long], help: "Folder for index.html, history.json, verdicts.svg and shift.svg.")
  var output: String?

  @Flag(help: "Exit with 1 if the last scan shows a shift.")
  var failOnShift = false

  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    try require(last, in: 1...100_000, "--last")
  }

  func run() throws {
    try requireInputs([place])
    var options = HistoryOptions(place: place)
    options.last = last
    options.output = output
    let summary = try listHistory(options)
    print(json ? try summary.json() : summary.text, terminator: json ? "\n" : "")
    if failOnShift, summary.hasShift { throw ExitCode(1) }
  }
}
