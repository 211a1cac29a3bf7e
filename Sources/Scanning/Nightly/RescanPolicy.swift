import Foundation
package import Isolation
package import Ledger
import Runs
import Verdicts

/// Decides whether a video is scanned or keeps the row of an earlier run.
struct RescanPolicy: Sendable {
  enum Decision: Equatable {
    case scan
    case keep(KnownVideo.Row)
    /// Not part of this run: `--since` excludes it, and no earlier run has seen it.
    case leaveOut
  }

  /// Number of consecutive decoder crashes after which a file is excluded until it or Assay's version changes.
  static let mostCrashes = 3

  private let options: LedgerOptions
  private let sinceNanoseconds: Int64?
  private let version: String

  /// Whether files older than a time keep their rows even if they have changed.
  var hasSince: Bool { sinceNanoseconds != nil }

  init(_ options: LedgerOptions, version: String = assayVersion) {
    self.options = options
    sinceNanoseconds = options.since.map { Timestamp($0).nanosecondsSinceEpoch }
    self.version = version
  }

  /// The row of the model and settings in use, or else the newest if the model made it whose verdicts are to be kept.
  func row(of known: KnownVideo) -> KnownVideo.Row? {
    if let row = known.row { return row }
    guard let kept = options.keptModel, known.latest.key.modelHash.hasPrefix(kept) else { return nil }
    return known.latest
  }

  /// - Parameters:
  ///   - known: the ledger's entry for the path.
  ///   - identity: current identity of the file; nil if there is no file that can be scanned.
  func decide(_ known: KnownVideo?, _ identity: FileIdentity?) -> Decision {
    if let sinceNanoseconds, let identity, identity.modifiedNanoseconds < sinceNanoseconds {
      return known.map { .keep($0.row ?? $0.latest) } ?? .leaveOut
    }
    // A file that cannot be opened is retried in every run, and gets a row that says so.
    guard !options.rescan, let known, let row = row(of: known), let identity, known.identity == identity,
      !identity.isAsNew(asScanAt: row.openedAt)
    else { return .scan }
    switch row.reason {
    case nil: return .keep(row)
    case .unreadable, .changed: return .scan
    case .crashed, .timeout:
      return known.failures >= Self.mostCrashes && known.failureVersion == version ? .keep(row) : .scan
    default: return options.retryFailed ? .scan : .keep(row)
    }
  }
}

extension FileIdentity {
  package init(_ status: FileStatus) {
    self.init(
      device: status.device, inode: status.inode, sizeBytes: status.sizeBytes,
      modifiedNanoseconds: status.modifiedNanoseconds, changedNanoseconds: status.changedNanoseconds)
  }
}
