package import Foundation

/// Which videos of a scan keep the row of an earlier run.
package struct LedgerOptions: Sendable {
  /// The ledger's file; nil is `assay.sqlite` in the output folder.
  package var path: String?
  /// Scan every video, whatever is known of it.
  package var rescan = false
  /// Scan those that have no verdict, too; those that crashed the decoder too often stay set aside.
  package var retryFailed = false
  /// Scan only files that were modified at this time or later.
  package var since: Date?
  /// A folder that held videos in an earlier run and holds none now was emptied on purpose.
  package var allowEmpty = false

  package init() {}
}
