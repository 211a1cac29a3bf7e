import Files
import Foundation
import Isolation
import Logging
package import Runs
import Synchronization
package import Verdicts

/// Reports the progress of a scan: progress line, log lines and service manager.
package final class ScanMonitor: Sendable {
  package let progress: ProgressLine
  private let service: ServiceManager
  private let log: Logger?
  private let isStopping = Mutex(false)

  package init(settings: ScanSettings, options: ScanOptions) {
    progress = ProgressLine(unit: "videos", quiet: options.quiet || options.logFormat != nil)
    // A video may take its full time limit, and its neighbours in a batch as long again.
    service = ServiceManager(patienceSeconds: 2 * Double(settings.timeoutSeconds) + 60)
    log = options.logFormat.map { format in Logger(label: "assay.scan") { _ in LineLogHandler(format: format) } }
  }

  package func started(_ context: ScanContext, inputs: [[UInt8]]) {
    service.ready()
    service.status("scanning")
    log?.info(
      "scan started",
      metadata: [
        "version": "\(assayVersion)", "model": "\(context.model.name)",
        "inputs": "\(inputs.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))",
      ])
  }

  /// Announces what makes this scan slower than a plain one.
  func announceCosts(_ settings: ScanSettings, _ options: ScanOptions, canaries: Int) {
    guard !options.quiet else { return }
    var costs: [String] = []
    if settings.margin {
      costs.append("--margin attacks every flagged or undecided video up to 10 times, about 200 passes per face")
    }
    if settings.recompressDistance != nil {
      costs.append("--recompress encodes and scans every borderline video \(RecompressStage.variants.count) more times")
    }
    if canaries > 0 {
      costs.append(
        "--canaries scans \(counted(canaries, "canaries")) in addition: known fakes plain, re-encoded and attacked")
    }
    for cost in costs {
      if let log { log.notice("\(cost)") } else { writeToStandardError("note: \(cost)\n") }
    }
  }

  /// Reports a scanned video.
  package func scanned(_ record: VideoRecord, note: String) {
    service.sawProgress()
    progress.advance(note: note)
    let finding = record.finding
    var values: Logger.Metadata = ["path": "\(record.source.path.text)", "verdict": "\(finding.verdict.rawValue)"]
    if let score = finding.score { values["score"] = "\(score)" }
    if let reason = finding.reason { values["reason"] = "\(reason.rawValue)" }
    switch finding.verdict {
    case .failed: log?.warning("no verdict", metadata: values)
    case .fake, .undecided: log?.notice("flagged", metadata: values)
    case .real, .noFace: log?.info("scanned", metadata: values)
    }
  }

  /// Reports a video that keeps its row from an earlier run.
  func kept() {
    service.sawProgress()
    progress.advance()
  }

  /// Reports that the scan ends before its last video, and what becomes of the rest.
  ///
  /// - Parameters:
  ///   - rest: what becomes of the videos that are not finished.
  ///   - isSignal: whether a signal ended it, so that a second one ends it at once.
  package func stopping(
    _ reason: String, rest: String = "the others wait for the next run", isSignal: Bool = true
  ) {
    // A signal may follow the end of the time budget, which both passes of a scan notice.
    let isFirst = isStopping.withLock { isStopping in
      defer { isStopping = true }
      return !isStopping
    }
    guard isFirst else { return }
    let rest =
      "videos in a decoder are finished for up to \(Int(ScanStop.graceSeconds)) s, \(rest)"
      + (isSignal ? "; a second signal (Ctrl-C) stops at once" : "")
    if let log { return log.notice("\(reason)", metadata: ["then": "\(rest)"]) }
    progress.finish()
    writeToStandardError("assay: \(reason): \(rest)\n")
  }

  /// Reports a folder that could not be read, also in a quiet run.
  package func folderFailed(_ failure: FolderFailure) {
    if let log {
      let values: Logger.Metadata = [
        "path": "\(failure.path.text)", "errno": "\(failure.errno)", "error": "\(failure.message)",
        "stale": "\(failure.staleVideos)",
      ]
      return log.error("folder not read", metadata: values)
    }
    let rows = failure.staleVideos == 1 ? "1 row" : "\(failure.staleVideos) rows"
    let stale = failure.staleVideos > 0 ? "; \(rows) of earlier runs stay and are marked as stale" : ""
    writeToStandardError("assay: \(failure.text)\(stale)\n")
  }

  /// Reports that no more videos follow.
  package func ended() {
    progress.finish()
    service.stopping()
  }

  package func finished(_ summary: ScanSummary) {
    ended()
    for note in summary.skipped { log?.notice("\(note)") }
    log?.info(
      summary.interruptedBy == nil ? "scan finished" : "scan interrupted",
      metadata: ["counts": "\(summary.header.counts.line)", "seconds": "\(Int(summary.seconds))"])
  }

  /// Reports the result of an export.
  func handedOver(_ summary: ExportSummary) {
    if summary.exitCode == 0 { log?.info("\(summary.line)") } else { log?.error("\(summary.line)") }
  }

  package func failed(_ error: any Error) {
    ended()
    log?.error("scan failed", metadata: ["error": "\(explanation(of: error))"])
  }
}
