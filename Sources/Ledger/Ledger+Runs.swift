import Foundation
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
  /// - Parameters:
  ///   - isComplete: whether every video had its row.
  ///   - newlyScanned: distribution of the rows that the run made itself.
  public func finish(
    _ run: LedgerRun, at finishedAt: Timestamp, isComplete: Bool, newlyScanned: RunDistribution
  ) throws(LedgerError) {
    let json: Data
    do { json = try JSONEncoder().encode(newlyScanned) } catch {
      preconditionFailure("counts and names are always JSON: \(error)")
    }
    try write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO runDistribution (runId, newlyScanned) VALUES (?, ?)", arguments: [run.id, json])
      try db.execute(
        sql: "UPDATE run SET finishedAt = ?, isComplete = ? WHERE id = ?",
        arguments: [finishedAt.nanosecondsSinceEpoch, isComplete, run.id])
    }
  }

  /// What the ledger says about a row of a manifest.
  public enum Recorded: Sendable, Hashable {
    case row([UInt8])
    /// A later run has scanned the video again.
    case superseded
    case none
  }

  /// The row for a path, model and settings, as recorded by a run that ended at `finishedAt` or before.
  public func recorded(
    at path: [UInt8], for key: VerdictKey, before finishedAt: Timestamp
  ) throws(LedgerError) -> Recorded {
    try read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT row, verdict.modelHash, verdict.settingsHash, coalesce(finishedAt, startedAt) AS finishedAt
          FROM video JOIN verdict ON verdict.videoId = video.id JOIN run ON run.id = verdict.runId WHERE path = ?
          """)
      let rows = try Row.fetchAll(statement, arguments: [Data(path)])
      let isLater = rows.contains { ($0["finishedAt"] as Int64) > finishedAt.nanosecondsSinceEpoch }
      let own = rows.first { VerdictKey(modelHash: $0["modelHash"], settingsHash: $0["settingsHash"]) == key }
      guard let own, (own["finishedAt"] as Int64) <= finishedAt.nanosecondsSinceEpoch else {
        return isLater ? .superseded : .none
      }
      let line: Data = own["row"]
      return .row(Array(line))
    }
  }

  /// The paths that a run listed, as far as no later run has listed them again.
  public func paths(listedInRunFinishedAt finishedAt: Timestamp) throws(LedgerError) -> [[UInt8]] {
    try read { db in
      try Data.fetchAll(
        db,
        sql: "SELECT path FROM video JOIN run ON run.id = video.runId WHERE finishedAt = ? ORDER BY path",
        arguments: [finishedAt.nanosecondsSinceEpoch]
      ).map { Array($0) }
    }
  }

  /// A run that has ended.
  public struct EndedRun: Sendable, Hashable {
    public let startedAt: Timestamp
    public let finishedAt: Timestamp
    public let isComplete: Bool
    public let assayVersion: String
    public let key: VerdictKey
    /// Of the rows that the run made itself; nil for runs of versions before 0.2.
    public let newlyScanned: RunDistribution?
  }

  /// The runs that have ended, oldest first.
  ///
  /// - Parameter count: the newest so many; nil for all.
  public func runs(last count: Int?) throws(LedgerError) -> [EndedRun] {
    try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM run LEFT JOIN runDistribution ON runId = run.id WHERE finishedAt IS NOT NULL
          ORDER BY id DESC LIMIT ?
          """,
        arguments: [count ?? -1])
      return rows.reversed().map { row in
        let json: Data? = row["newlyScanned"]
        return EndedRun(
          startedAt: Timestamp(nanosecondsSinceEpoch: row["startedAt"]),
          finishedAt: Timestamp(nanosecondsSinceEpoch: row["finishedAt"]), isComplete: row["isComplete"],
          assayVersion: row["assayVersion"],
          key: VerdictKey(modelHash: row["modelHash"], settingsHash: row["settingsHash"]),
          // A distribution that a future version wrote otherwise is unknown here.
          newlyScanned: json.flatMap { try? JSONDecoder().decode(RunDistribution.self, from: $0) })
      }
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
