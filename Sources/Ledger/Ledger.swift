internal import GRDB
import Glibc
import Verdicts

/// The persistent record of nightly scans: which videos were scanned, when, with which model, and the results.
///
/// One SQLite file, for one process at a time. Each row is committed on arrival to a write-ahead log: a killed process
/// loses nothing; a power failure loses at most the last rows, which are then scanned again. The file is locked while
/// it is open and needs no shared memory, so it may be on a network file system.
public final class Ledger: Sendable {
  /// The path given by the user.
  public let path: String
  private let queue: DatabaseQueue
  /// Device and inode of the file; nil for an in-memory ledger.
  private let place: (UInt64, UInt64)?

  /// Opens the file, creates it if missing, and migrates its schema.
  ///
  /// - Throws: `.newerSchema` when a newer version of Assay has written to it.
  public convenience init(path: String) throws(LedgerError) {
    var configuration = Configuration()
    configuration.prepareDatabase { db in
      try db.execute(
        sql: """
          PRAGMA locking_mode = EXCLUSIVE;
          PRAGMA journal_mode = WAL;
          PRAGMA synchronous = NORMAL;
          """)
    }
    let queue: DatabaseQueue
    do { queue = try DatabaseQueue(path: path, configuration: configuration) } catch {
      throw Self.explained(error, path: path)
    }
    try self.init(queue, path: path, isFile: true)
  }

  /// A ledger that lives as long as this value.
  public static func inMemory() throws(LedgerError) -> Ledger {
    let queue: DatabaseQueue
    do { queue = try DatabaseQueue() } catch { throw explained(error, path: "in memory") }
    return try Ledger(queue, path: "in memory", isFile: false)
  }

  init(_ queue: DatabaseQueue, path: String, isFile: Bool) throws(LedgerError) {
    self.path = path
    self.queue = queue
    place = isFile ? Self.place(of: path) : nil
    let migrator = LedgerSchema.migrator
    do {
      guard try !queue.read(migrator.hasBeenSuperseded) else { throw LedgerError.newerSchema(path: path) }
      try migrator.migrate(queue)
    } catch { throw Self.explained(error, path: path) }
  }

  /// From now on each change is on disk before the call returns: what has been reported to others must not be lost.
  public func flushEachChange() throws(LedgerError) {
    do { try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") } } catch {
      throw Self.explained(error, path: path)
    }
  }

  /// Runs changes as one transaction.
  func write<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
    try checkPlace()
    do { return try queue.write(body) } catch { throw Self.explained(error, path: path) }
  }

  func read<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
    // `unsafeRead`, because the pragmas that enforce read-only access would cost more than most reads here.
    do { return try queue.unsafeRead(body) } catch { throw Self.explained(error, path: path) }
  }

  /// SQLite continues writing to a deleted file, whose data would be lost.
  private func checkPlace() throws(LedgerError) {
    guard let place else { return }
    guard let now = Self.place(of: path), now == place else { throw .vanished(path: path) }
  }

  private static func place(of path: String) -> (UInt64, UInt64)? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  static func explained(_ error: any Error, path: String) -> LedgerError {
    switch error {
    case let error as LedgerError: error
    case let error as VerdictsError: .row(error)
    case let error as DatabaseError:
      switch error.resultCode {
      case .SQLITE_FULL: .diskFull(path: path)
      case .SQLITE_BUSY, .SQLITE_LOCKED: .busy(path: path)
      case .SQLITE_NOTADB, .SQLITE_CORRUPT: .damaged(path: path, why: error.message ?? "\(error.resultCode)")
      default: .database(path: path, why: error.message ?? "\(error.resultCode)")
      }
    default: .database(path: path, why: "\(error)")
    }
  }
}
