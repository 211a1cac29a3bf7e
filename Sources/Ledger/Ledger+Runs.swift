internal import GRDB
public import Verdicts

/// A run that the ledger has begun to record.
public struct LedgerRun: Sendable, Hashable {
  public let id: Int64
  public let key: VerdictKey
  let assayVersion: String

  /// The same run, for rows that it makes with other settings.
  public func with(_ key: VerdictKey) -> LedgerRun {
    LedgerRun(id: id, key: key, assayVersion: assayVersion)
  }
}

extension Ledger {
  /// Begins a run.
  public func beginRun(
    at startedAt: Timestamp, assayVersion: String, host: String, key: VerdictKey
  ) throws(LedgerError) -> LedgerRun {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO run (startedAt, assayVersion, host, modelHash, settingsHash) VALUES (?, ?, ?, ?, ?)
          """,
        arguments: [startedAt.nanosecondsSinceEpoch, assayVersion, host, key.modelHash, key.settingsHash])
      return LedgerRun(id: db.lastInsertedRowID, key: key, assayVersion: assayVersion)
    }
  }

  /// Ends a run.
  ///
  /// - Parameter isComplete: whether every video had its row.
  public func finish(_ run: LedgerRun, at finishedAt: Timestamp, isComplete: Bool) throws(LedgerError) {
    try write { db in
      try db.execute(
        sql: "UPDATE run SET finishedAt = ?, isComplete = ? WHERE id = ?",
        arguments: [finishedAt.nanosecondsSinceEpoch, isComplete, run.id])
    }
  }

  /// When the last run ended in which every video had its row; nil before the first.
  public func lastCompleteRun() throws(LedgerError) -> Timestamp? {
    let time = try read { db in
      try Int64.fetchOne(db, sql: "SELECT max(finishedAt) FROM run WHERE isComplete")
    }
    return time.map(Timestamp.init)
  }
}
