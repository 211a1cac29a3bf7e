import ArgumentParser
import Workflows

/// The options of `assay scan` for runs that nobody watches.
struct NightlyArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Write figures of the run to this Prometheus text file at its end.", valueName: "file"))
  var metrics: String?

  @Option(help: "Log to stderr instead of the progress line: json or text.")
  var logFormat: LogChoice?

  func apply(to options: inout ScanOptions) {
    options.metricsPath = metrics
    options.logFormat = logFormat.flatMap { LogFormat(rawValue: $0.rawValue) }
  }
}

enum LogChoice: String, ExpressibleByArgument, CaseIterable { case json, text }
