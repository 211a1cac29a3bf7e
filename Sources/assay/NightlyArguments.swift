import ArgumentParser
import Runs
import Scanning

/// The options of `assay scan` for runs that nobody watches.
struct NightlyArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Write figures of the run to this Prometheus text file at its end.", valueName: "file"))
  var metrics: String?

  @Option(help: "Log to stderr instead of the progress line: json or text.")
  var logFormat: LogFormat?

  @Option(
    help: ArgumentHelp(
      "Run this command for each video that is newly flagged, its row on stdin; see 'assay export'.",
      valueName: "command"))
  var hook: String?

  @Option(
    help: ArgumentHelp(
      "Mix the known fakes in this folder, plain, recompressed and attacked, into the scan and tell how many are found.",
      valueName: "dir"))
  var canaries: String?

  @Option(help: "Fail with 2 when less than this share of the plain and recompressed canaries is called fake.")
  var canaryFloor: Double?

  @Option(
    help: ArgumentHelp(
      "Begin no video after this time (6h, 90m, 300s): every new video gets a first pass, uncertain ones a full pass.",
      valueName: "time"))
  var budget: TimeSpan?

  func validate() throws {
    if let canaryFloor {
      try require(canaryFloor, in: 0...1, "--canary-floor")
      guard canaries != nil else { throw ValidationError("--canary-floor is a setting of --canaries.") }
    }
  }

  /// Whether there is something in it that only a whole scan can do.
  var needsWholeScan: Bool { hook != nil || canaries != nil || budget != nil }

  func apply(to options: inout ScanOptions) {
    options.metricsPath = metrics
    options.logFormat = logFormat
    options.canaries = canaries.map { CanaryOptions(folder: $0, floor: canaryFloor) }
    options.budgetSeconds = budget?.seconds
    options.export = hook.map { ExportOptions(.command($0)) }
  }
}

/// A length of time: `6h`, `90m`, `300s`.
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
