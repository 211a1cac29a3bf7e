public import Verdicts

/// What can go wrong with a ledger.
public enum LedgerError: Error, Hashable {
  /// A newer Assay has changed the file's layout.
  case newerSchema(path: String)
  /// Another process has the file open.
  case busy(path: String)
  /// The disk has no room for more.
  case diskFull(path: String)
  /// The file is not a ledger, or damaged.
  case damaged(path: String, why: String)
  /// The file was deleted or replaced while it was in use, or its file system was unmounted.
  case vanished(path: String)
  /// Anything else that SQLite reports.
  case database(path: String, why: String)
  /// A manifest row could not be written or read.
  case row(VerdictsError)
}

extension LedgerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .newerSchema(let path):
      "The ledger \(path) was written by a newer version of Assay: use that version, or another file with --ledger."
    case .busy(let path):
      "Another program has the ledger \(path) open: wait for it, or choose another file with --ledger."
    case .diskFull(let path):
      "The disk that holds the ledger \(path) is full. Free some space and run again: what was scanned is kept."
    case .damaged(let path, let why):
      "\(path) is no ledger that can be used (\(why)): restore it from a backup, or move it away to scan everything "
        + "again."
    case .vanished(let path):
      "The ledger \(path) has vanished or was replaced during the run: is its disk still mounted?"
    case .database(let path, let why):
      "The ledger \(path) cannot be used: \(why)."
    case .row(let error): "\(error)"
    }
  }
}
