import ArgumentParser
import Foundation
import Media
import Review
import Runs
import Scanning
import Scoring
import Verdicts

/// `assay scan`: scores videos.
struct Scan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score videos and write verdict manifests.",
    discussion: """
      Folders are searched recursively; a file is scanned if its name or content is that of a video. A file that is \
      named explicitly is always scanned. The \
      manifests (manifest.jsonl, manifest.json, manifest.csv, submission.csv) go to the output folder. A second run \
      into the same folder scans new and changed files only, and takes the other rows from its ledger (assay.sqlite).

      Example: assay scan /srv/uploads -o /srv/verdicts --report

      Exit codes: 0 done, 1 only with --fail-on, 2 the run failed or the folders hold files but no video, 3 done but \
      some files have no verdict or a folder could not be read, \
      64 usage error or missing input, 75 another run uses the output folder or --hook could not deliver all videos, 130/143 interrupted (finished videos are kept).
      """)

  @Argument(help: "Video files or folders.")
  var inputs: [String] = []

  @OptionGroup(title: "Most used")
  var daily: DailyScanArguments

  @Option(help: "How to decode: exact, or the approximate fast (no loop filter) or keyframes.")
  var decode: DecodeMode = .exact

  @OptionGroup
  var search: FaceArguments

  @Option(
    help: ArgumentHelp(
      "Thresholds fitted to real videos of your own, a file written by assay calibrate.", valueName: "file"))
  var calibration: String?

  @OptionGroup
  var decoders: DecoderArguments

  @Option(help: "Batch size: crops per pass through the network.")
  var batch = 32

  @Option(help: "Time limit for decoding one video, in seconds.")
  var timeout = 300

  @Option(help: "Label in submission.csv for a video without a score.")
  var submissionMissing: Double?

  @OptionGroup(title: "Perturbation")
  var perturbation: PerturbArguments

  @Flag(
    help: """
      For flagged videos, measure the evasion margin: the smallest change of pixel levels that flips the verdict. \
      Verdicts with a small margin need human review.
      """)
  var margin = false

  @Flag(
    help: """
      Re-encode borderline videos (CRF 23, 30, 40, half size) and score them again: the manifest records the range of \
      the score and whether the verdict flips.
      """)
  var recompress = false

  @Option(
    help:
      "With --recompress: distance from a threshold within which a score is borderline; undecided videos always are.")
  var borderline: Double?

  @Option(
    help: ArgumentHelp(
      "Input-transformation defence applied before the network: \(DefenceName.help).", valueName: "defence"),
    transform: defenceArgument)
  var defence: DefenceName?

  @Option(
    help: ArgumentHelp(
      "Flag videos whose scores vary too much under small random changes; takes a file written by assay attack --detect-perturbed.",
      valueName: "file"))
  var detectPerturbed: String?

  @Option(
    help: ArgumentHelp(
      """
      Also record the score of this model, such as the .opinion file of assay gan train; the verdict does not depend on \
      it.
      """, valueName: "model"))
  var secondOpinion: String?

  @OptionGroup(title: "Earlier runs")
  var ledger: LedgerArguments

  @OptionGroup(title: "Every night")
  var nightly: NightlyArguments

  @OptionGroup(title: "Report")
  var evidence: ReportArguments

  @OptionGroup(title: "On a cluster")
  var cluster: ClusterArguments

  @Flag(help: "Follow symbolic links in folders.")
  var followSymlinks = false

  @Flag(help: "Skip files in folders whose extension is not that of a video, without probing their content.")
  var onlyExtensions = false

  @OptionGroup
  var file: PipelineArguments

  func validate() throws {
    try require(daily.frames, in: 1...1000, "--frames")
    try require(batch, in: 1...1024, "--batch")
    try require(timeout, in: 1...86_400, "--timeout")
    if let limit = daily.limit { try require(limit, in: 1...Int.max, "--limit") }
    if let threshold = daily.threshold { try require(threshold, in: 0...1, "--threshold") }
    guard daily.threshold == nil || calibration == nil else {
      throw ValidationError("--threshold and --calibration both set thresholds: give one of them.")
    }
    if let submissionMissing { try require(submissionMissing, in: 0...1, "--submission-missing") }
    guard daily.failOn.allSatisfy({ [.fake, .undecided].contains($0) }) else {
      throw ValidationError("--fail-on takes fake or undecided.")
    }
    if let borderline {
      try require(borderline, in: 0...1, "--borderline")
      guard recompress else { throw ValidationError("--borderline is a setting of --recompress.") }
    }
    guard nightly.budget == nil || decode != .keyframes else {
      throw ValidationError("--budget runs its own first pass over key frames: omit --decode keyframes.")
    }
    if !daily.report, let option = evidence.given { throw ValidationError("\(option) is a setting of --report.") }
    if cluster.hasOwnInput {
      guard !nightly.needsWholeScan else {
        throw ValidationError("--hook, --canaries and --budget need a complete scan: omit --plan and --filter.")
      }
      guard !daily.report else {
        throw ValidationError("a shard has no report: run assay report after assay merge.")
      }
      guard inputs.isEmpty && daily.filesFrom == nil else {
        throw ValidationError("--plan and --filter determine the videos: name no inputs.")
      }
    } else if inputs.isEmpty && daily.filesFrom == nil {
      throw ValidationError("name at least one video or folder, or use --files-from.")
    }
  }

  func run() throws {
    try requireInputs(inputs)
    try requireModels([daily.model, secondOpinion].compactMap(\.self))
    var settings = ScanSettings()
    settings.frames = daily.frames
    settings.decode = decode
    settings.faces = search.faces
    settings.detector = search.detector
    settings.detectorModel = search.detectorModel
    settings.threshold = daily.threshold
    settings.calibration = try calibration.map(SiteCalibration.read)
    settings.timeoutSeconds = timeout
    settings.margin = margin
    settings.defence = defence
    settings.perturbedFlag = detectPerturbed
    settings.secondOpinion = secondOpinion
    settings.recompressDistance = recompress ? borderline ?? 0.1 : nil
    settings.perturb = try perturbation.settings

    var options = ScanOptions()
    options.inputs = try inputs.map { Array($0.utf8) } + (daily.filesFrom.map(InputList.read) ?? [])
    options.followSymlinks = followSymlinks
    options.onlyExtensions = onlyExtensions
    options.limit = daily.limit
    options.output = daily.output
    options.modelPath = daily.model
    options.workers = decoders.processes
    options.batch = batch
    options.submissionMissing = submissionMissing
    options.quiet = daily.quiet || daily.isJSON
    options.ledger = try ledger.options()
    nightly.apply(to: &options)

    if try cluster.run(settings: settings, options: options) { return }
    let summary = try scanVideos(settings: settings, options: options)
    if daily.isJSON {
      try summary.printJSON(header: daily.jsonHeader, rows: daily.json)
    } else if !daily.quiet {
      print(summary.table)
    }
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
    if daily.report { try writeReport(options) }
    if let export = summary.export, export.exitCode != 0 {
      if daily.quiet && nightly.logFormat == nil {
        FileHandle.standardError.write(Data("assay: \(export.line)\n".utf8))
      }
      throw ExitCode(export.exitCode)
    }
    if summary.failed > 0 { throw ExitCode(3) }
    if daily.failOn.contains(where: { summary.count(of: $0) > 0 }) { throw ExitCode(1) }
  }

  private func writeReport(_ scan: ScanOptions) throws {
    var options = evidence.options(run: scan.output)
    options.modelPath = scan.modelPath
    options.workers = scan.workers
    options.quiet = scan.quiet
    let summary = try makeReport(options)
    if !daily.quiet && !daily.isJSON { print(summary.text) }
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }
}

/// The options of `assay scan` that most scans need.
struct DailyScanArguments: ParsableArguments {
  @Option(name: [.short, .long], help: "Folder for the manifests.")
  var output = "assay-out"

  @Option(help: "Read more inputs from this file, one per line or separated by zero bytes; - is stdin.")
  var filesFrom: String?

  @Option(help: "Model file, or a built-in model: standard (the default), paper, hardened.")
  var model: String?

  @Option(help: "Frames to sample from each video.")
  var frames = 16

  @Option(help: "Single threshold from which a video counts as fake, instead of the model's two thresholds.")
  var threshold: Double?

  @Option(help: "Maximum number of videos to scan, not counting those already in the ledger.")
  var limit: Int?

  @Option(help: "Exit with 1 if any video has this verdict: fake or undecided.")
  var failOn: [Verdict] = []

  @Flag(help: "Write report.html at the end of the run, as assay report does.")
  var report = false

  @Flag(help: "Print the rows as JSON instead of the table, one video a line, as in manifest.jsonl.")
  var json = false

  @Flag(help: "Print the run's header as JSON, in one line before the rows of --json.")
  var jsonHeader = false

  @Flag(name: [.short, .long], help: "No progress and no table; errors only.")
  var quiet = false

  var isJSON: Bool { json || jsonHeader }
}

/// - Throws: `ValidationError` that names the option and its range.
func require<Number: Comparable>(_ value: Number, in range: ClosedRange<Number>, _ option: String) throws {
  guard range.contains(value) else {
    throw ValidationError("\(option) must lie in \(range.lowerBound)...\(range.upperBound), not \(value).")
  }
}
