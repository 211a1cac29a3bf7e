package import Foundation

/// Which videos of a scan keep their row from an earlier run.
package struct LedgerOptions: Sendable {
  /// Path of the ledger; nil for `assay.sqlite` in the output folder.
  package var path: String?
  /// Scan every video, even if its row is known.
  package var rescan = false
  /// Also scan videos without a verdict; those that crashed the decoder too often remain excluded.
  package var retryFailed = false
  /// Scan only files modified at or after this time.
  package var since: Date?
  /// SHA-256 of a model, or how it begins: unchanged videos keep the verdicts that it gave, whatever model is in use.
  package var keptModel: String?
  /// Allow a folder to be empty that held videos in an earlier run.
  package var allowEmpty = false

  package init() {}
}
