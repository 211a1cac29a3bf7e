import ArgumentParser
import Foundation
import Scanning
import Scoring

/// The options of `assay scan` about what earlier runs know.
struct LedgerArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Ledger of all runs, instead of assay.sqlite in the output folder.", valueName: "file"))
  var ledger: String?

  @Flag(help: "Scan every video, including unchanged ones that an earlier run has scanned.")
  var rescan = false

  @Flag(help: "Scan videos without a verdict again, except those that crashed the decoder three times.")
  var retryFailed = false

  @Option(
    help: ArgumentHelp(
      "Scan only files modified since this time: 2026-11-22, 2026-11-22T03:00:00Z, or an age such as 36h or 7d.",
      valueName: "time"))
  var since: PointInTime?

  @Option(
    help: ArgumentHelp(
      "Keep the verdicts that this model gave to unchanged videos, and scan the others with --model: a model file, or "
        + "the first 12 or more digits of its SHA-256.", valueName: "model"))
  var keepVerdictsOf: String?

  @Flag(help: "Accept that a folder that held videos before is now empty.")
  var allowEmpty = false

  func validate() throws {
    guard !(rescan && retryFailed) else {
      throw ValidationError("--rescan includes failed videos: omit --retry-failed.")
    }
    guard !(rescan && keepVerdictsOf != nil) else {
      throw ValidationError("--rescan keeps no verdicts: omit it, or --keep-verdicts-of.")
    }
  }

  /// - Throws: `ValidationError` for a model that is neither a hash nor a file.
  func options() throws -> LedgerOptions {
    var options = LedgerOptions()
    options.path = ledger
    options.rescan = rescan
    options.retryFailed = retryFailed
    options.since = since?.date
    options.keptModel = try keepVerdictsOf.map(Self.modelHash)
    options.allowEmpty = allowEmpty
    return options
  }

  /// The SHA-256 of a model file, or the beginning of one as it is given.
  private static func modelHash(_ text: String) throws -> String {
    if text.wholeMatch(of: #/[0-9a-f]{12,64}/#) != nil { return text }
    guard !isMissingModel(text) else {
      throw ValidationError(
        "--keep-verdicts-of takes a model file or the first 12 or more digits of its SHA-256, as the rows of the manifest "
          + "have it under model, not '\(text)'.")
    }
    return try loadModel(at: text).sha256
  }
}

/// A day or instant in UTC, or an age.
struct PointInTime: ExpressibleByArgument {
  let date: Date

  /// - Parameter argument: `2026-11-22`, `2026-11-22T03:00:00Z`, `90m`, `36h`, `7d`.
  init?(argument: String) {
    self.init(argument, now: Date())
  }

  init?(_ text: String, now: Date) {
    let units: [Character: Double] = ["m": 60, "h": 3600, "d": 86_400]
    if let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()), count.isFinite, count >= 0 {
      date = now.addingTimeInterval(-count * unit)
    } else if let instant = try? Date.ISO8601FormatStyle().parse(text) {
      date = instant
    } else if let day = try? Date.ISO8601FormatStyle().year().month().day().parse(text) {
      date = day
    } else {
      return nil
    }
  }
}
