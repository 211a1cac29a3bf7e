import ArgumentParser
import Review
import Scanning

/// `assay merge`: the parts of a cluster's scan to manifests.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Merge the parts of a plan into manifests.",
    discussion: """
      Every planned video must be present exactly once, in parts of this plan made with the same model and settings. \
      The manifests are those that a single scan of all videos would have written.

      Example: assay merge plan.txt parts -o verdicts
      """)

  @Argument(help: "Plan file.")
  var plan: String

  @Argument(help: "Folder with part-0, part-1, …")
  var parts: String

  @Option(name: [.short, .long], help: "Folder for the manifests.")
  var output = "assay-out"

  @Option(help: ArgumentHelp("Ledger of all runs, instead of assay.sqlite in the output folder.", valueName: "file"))
  var ledger: String?

  @Option(help: "Label in submission.csv for a video without a score.")
  var submissionMissing: Double?

  @Flag(help: "Print the rows as JSON instead of the table, one video a line, as in manifest.jsonl.")
  var json = false

  @Flag(help: "Print the run's header as JSON, in one line before the rows of --json.")
  var jsonHeader = false

  func validate() throws {
    if let submissionMissing { try require(submissionMissing, in: 0...1, "--submission-missing") }
  }

  func run() throws {
    try requireInputs([plan, parts])
    var options = ScanOptions()
    options.output = output
    options.ledger.path = ledger
    options.submissionMissing = submissionMissing
    let summary = try mergeParts(plan: plan, parts: parts, options: options)
    if json || jsonHeader {
      try summary.printJSON(header: jsonHeader, rows: json)
    } else {
      print(summary.table)
    }
    if summary.failed > 0 { throw ExitCode(3) }
  }
}
