import ArgumentParser
import Review

/// `assay compare`: what a new model or new settings change.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the verdicts and scores of two scans of the same videos.",
    discussion: """
      For the roll-out of a new model: which verdicts change and in which direction, how the scores move, and how many \
      videos a team would have to review at each threshold. Videos are matched by path; those whose content changed are \
      counted apart.

      Example: assay scan /srv/sample -o old; assay scan /srv/sample -o new --model new.safetensors; \
      assay compare old new -o comparison
      """)

  @Argument(help: "Output folder of the old scan, or its manifest.jsonl or manifest.json.")
  var old: String

  @Argument(help: "Output folder or manifest of the new scan.")
  var new: String

  @Option(name: [.short, .long], help: "Folder for index.html, changes.csv, compare.json and scores.svg.")
  var output: String?

  @OptionGroup
  var moved: MovedArguments

  @Flag(help: "Print the result as JSON.")
  var json = false

  func run() throws {
    try requireInputs([old, new])
    var options = CompareOptions(old: old, new: new)
    options.output = output
    options.moves = try moved.moves
    let summary = try compareRuns(options)
    print(json ? try summary.json() : summary.text, terminator: json ? "\n" : "")
  }
}
