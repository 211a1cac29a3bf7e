public import Foundation

/// Which videos of a scan keep the row of an earlier run.
public struct LedgerOptions: Sendable {
  /// The ledger's file; nil is `assay.sqlite` in the output folder.
  public var path: String?
  /// Scan every video, whatever is known of it.
  public var rescan = false
  /// Scan those that have no verdict, too; those that crashed the decoder too often stay set aside.
  public var retryFailed = false
  /// Scan only files that were modified at this time or later.
  public var since: Date?
  /// A folder that held videos in an earlier run and holds none now was emptied on purpose.
  public var allowEmpty = false

  public init() {}
}
