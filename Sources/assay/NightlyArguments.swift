import ArgumentParser
import Runs
import Scanning

/// The options of `assay scan` for unattended runs.
struct NightlyArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Write metrics of the run to this Prometheus text file at its end.", valueName: "file"))
  var metrics: String?

  @Option(help: "Log to stderr instead of the progress line: json or text.")
  var logFormat: LogFormat?

  @Option(
    help: ArgumentHelp(
      "Run this command for each newly flagged video, with its row on stdin; see 'assay export'.",
      valueName: "command"))
  var hook: String?

  @Option(
    help: ArgumentHelp(
      "Mix the known fakes in this folder (plain, recompressed and perturbed) into the scan and report the recall.",
      valueName: "dir"))
  var canaries: String?

  @Option(help: "Fail with 2 if the recall on plain and recompressed canaries is below this.")
  var canaryFloor: Double?

  @Option(
    help: ArgumentHelp(
      "Start no video after this time (6h, 90m, 300s): every new video gets a first pass, uncertain ones a full pass.",
      valueName: "time"))
  var budget: TimeSpan?

  func validate() throws {
    if let canaryFloor {
      try require(canaryFloor, in: 0...1, "--canary-floor")
      guard canaries != nil else { throw ValidationError("--canary-floor is a setting of --canaries.") }
    }
  }

  /// Whether an option needs a complete scan.
  var needsWholeScan: Bool { hook != nil || canaries != nil || budget != nil }

  func apply(to options: inout ScanOptions) {
    options.metricsPath = metrics
    options.logFormat = logFormat
    options.canaries = canaries.map { CanaryOptions(folder: $0, floor: canaryFloor) }
    options.budgetSeconds = budget?.seconds
    options.export = hook.map { ExportOptions(.command($0)) }
  }
}

/// A duration: `6h`, `90m`, `300s`.
struct TimeSpan: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = argument.last.flatMap({ units[$0] }), let count = Double(argument.dropLast()), count.isFinite,
      count >= 0
    else { return nil }
    seconds = count * unit
  }
}
