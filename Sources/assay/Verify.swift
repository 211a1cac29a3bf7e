import ArgumentParser
import Review
import Runs
import Training

/// `assay verify`: re-derives a manifest's verdicts.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Re-derive the verdicts of a manifest and report differences.",
    discussion: """
      Scores the recorded frames and boxes again with the same model and settings; the SHA-256 shows whether a video is \
      still the one that was scanned. The manifests of the run are compared with \
      each other and with the ledger, so that an edited or deleted row is found in each of them.

      Example: assay verify /srv/verdicts

      Exit codes: 0 everything agrees, 2 something differs (or the run failed), 3 nothing differs but some videos are \
      missing, changed or cannot be verified with this model, 64 usage error.
      """)

  @Argument(help: "A manifest.jsonl or manifest.json, or the folder with them.")
  var manifest: String

  @Option(help: "Number of videos to verify, chosen by the seed (default: all).")
  var sample: Int?

  @Option(help: "Seed of the choice of videos.")
  var seed: UInt64 = 1

  @Option(help: "Model file, or a built-in model: standard (the default), paper, hardened.")
  var model: String?

  @Option(
    help: ArgumentHelp(
      "File of the face detector (YuNet or weights of train-faces), for rows without a face whose detector is not built in.",
      valueName: "file"))
  var detectorModel: String?

  @Option(help: ArgumentHelp("Ledger of the run, instead of assay.sqlite beside the manifest.", valueName: "file"))
  var ledger: String?

  @OptionGroup
  var moved: MovedArguments

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Flag(name: [.short, .long], help: "No progress and no output; the exit code only.")
  var quiet = false

  func validate() throws {
    if let sample { try require(sample, in: 1...Int.max, "--sample") }
  }

  func run() throws {
    try requireModels([model].compactMap(\.self))
    try requireInputs([manifest])
    var options = VerifyOptions()
    options.sample = sample
    options.seed = seed
    options.modelPath = model
    options.detectorModel = detectorModel
    options.quiet = quiet || json
    options.ledgerPath = ledger
    options.moves = try moved.moves
    let summary = try verifyManifest(manifest, options: options)
    if !quiet { print(json ? try summary.json() : summary.text) }
    if summary.exitCode != 0 { throw ExitCode(summary.exitCode) }
  }
}
