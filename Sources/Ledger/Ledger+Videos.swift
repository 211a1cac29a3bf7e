import Foundation
internal import GRDB
public import Verdicts

extension Ledger {
  /// The stored state of a path; nil if it was never scanned.
  ///
  /// - Parameter key: the model and settings in use.
  public func video(at path: [UInt8], for key: VerdictKey) throws(LedgerError) -> KnownVideo? {
    try read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT video.*, verdict.id AS rowId, modelHash, settingsHash, verdict.reason AS rowReason, openedAt,
            failure.count AS failures, failure.assayVersion AS failureVersion
          FROM video JOIN verdict ON verdict.videoId = video.id LEFT JOIN failure ON failure.videoId = video.id
          WHERE path = ? ORDER BY verdict.id DESC
          """)
      let rows = try Row.fetchAll(statement, arguments: [Data(path)])
      guard let newest = rows.first else { return nil }
      let wanted = rows.first { VerdictKey(modelHash: $0["modelHash"], settingsHash: $0["settingsHash"]) == key }
      return KnownVideo(
        id: newest["id"], identity: FileIdentity(newest), row: wanted.map(KnownVideo.Row.init),
        latest: KnownVideo.Row(newest), failures: newest["failures"] ?? 0, failureVersion: newest["failureVersion"])
    }
  }

  /// Lists videos in a run, with rows from earlier runs.
  public func keep(_ kept: [(video: KnownVideo, row: KnownVideo.Row)], in run: LedgerRun) throws(LedgerError) {
    try write { db in
      let statement = try db.cachedStatement(sql: "UPDATE video SET runId = ?, verdictId = ? WHERE id = ?")
      for (video, row) in kept { try statement.execute(arguments: [run.id, row.id, video.id]) }
    }
  }

  /// Records the result for one video in a run, replacing that for the same model and settings. If the file has
  /// changed, removes all older results.
  ///
  /// - Parameters:
  ///   - identity: identity of the file as scanned; nil if it could not be opened.
  ///   - openedAt: time at which the scan opened it.
  public func record(
    _ record: VideoRecord, identity: FileIdentity?, openedAt: Timestamp, in run: LedgerRun
  ) throws(LedgerError) {
    let line: [UInt8]
    do { line = try ManifestJSON.line(record) } catch { throw .row(error) }
    try write { db in
      let id = try Self.video(record, identity, run, db)
      let finding = record.finding
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO verdict
            (videoId, runId, openedAt, modelHash, settingsHash, verdict, score, reason, row)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        id, run.id, openedAt.nanosecondsSinceEpoch, run.key.modelHash, run.key.settingsHash,
        finding.verdict.rawValue, finding.score, finding.reason?.rawValue, Data(line),
      ])
      try db.cachedStatement(sql: "UPDATE video SET runId = ?, verdictId = ? WHERE id = ?").execute(
        arguments: [run.id, db.lastInsertedRowID, id])
      try Self.count(finding.reason, of: id, openedAt, run, db)
    }
  }

  /// Passes a run's rows from earlier runs to `body`, sorted by path.
  public func forEachKeptRow(
    of run: LedgerRun, _ body: (_ line: [UInt8]) throws -> Void
  ) throws(LedgerError) {
    try read { db in
      let rows = try Data.fetchCursor(
        db,
        sql: """
          SELECT row FROM video JOIN verdict ON verdict.id = video.verdictId
          WHERE video.runId = ? AND verdict.runId <> video.runId ORDER BY path
          """, arguments: [run.id])
      while let row = try rows.next() { try body(Array(row)) }
    }
  }

  /// How many rows a run has from earlier runs, and when their files were opened; nil if it has none.
  public func keptRows(of run: LedgerRun) throws(LedgerError) -> KeptRowsRecord? {
    try read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT count(*) AS count, min(openedAt) AS first, max(openedAt) AS last
          FROM video JOIN verdict ON verdict.id = video.verdictId
          WHERE video.runId = ? AND verdict.runId <> video.runId
          """, arguments: [run.id])
      guard let row, let first: Int64 = row["first"], let last: Int64 = row["last"] else { return nil }
      return KeptRowsRecord(
        videos: row["count"], openedFrom: Timestamp(nanosecondsSinceEpoch: first),
        openedTo: Timestamp(nanosecondsSinceEpoch: last))
    }
  }

  /// The row that a run lists for a path, with the key that it was made with and the time its file was opened; nil when
  /// the run does not list the path.
  public func row(
    listedAt path: [UInt8], in run: LedgerRun
  ) throws(LedgerError) -> (line: [UInt8], key: VerdictKey, openedAt: Timestamp)? {
    try read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT row, modelHash, settingsHash, openedAt FROM video JOIN verdict ON verdict.id = video.verdictId
          WHERE path = ? AND video.runId = ?
          """)
      guard let row = try Row.fetchOne(statement, arguments: [Data(path), run.id]) else { return nil }
      let line: Data = row["row"]
      return (
        Array(line), VerdictKey(modelHash: row["modelHash"], settingsHash: row["settingsHash"]),
        Timestamp(nanosecondsSinceEpoch: row["openedAt"])
      )
    }
  }

  /// Lists the videos below a folder in a run with the rows that the last finished run there listed, apart from those
  /// that the run lists already: the folder could not be read.
  ///
  /// - Parameter folder: or the file itself.
  /// - Returns: their paths.
  public func keepEarlier(below folder: [UInt8], in run: LedgerRun) throws(LedgerError) -> [[UInt8]] {
    try write { db in
      let place = Self.range(below: folder) + [Data(folder)]
      let isThere = "(path > ? AND path < ? OR path = ?)"
      // Killed runs list some of the videos only.
      let last = try Int64.fetchOne(
        db,
        sql: """
          SELECT max(runId) FROM video JOIN run ON run.id = video.runId WHERE \(isThere) AND finishedAt IS NOT NULL
          """, arguments: place)
      let isEarlier = "\(isThere) AND runId >= ? AND runId < ? AND verdictId IS NOT NULL"
      let arguments = place + [last ?? 0, run.id]
      let paths = try Data.fetchAll(db, sql: "SELECT path FROM video WHERE \(isEarlier)", arguments: arguments)
      try db.execute(sql: "UPDATE video SET runId = ? WHERE \(isEarlier)", arguments: [run.id] + arguments)
      return paths.map(Array.init)
    }
  }

  /// Number of videos below a folder that earlier runs have listed.
  public func videoCount(below folder: [UInt8]) throws(LedgerError) -> Int {
    try read { db in
      try Int.fetchOne(
        db, sql: "SELECT count(*) FROM video WHERE path > ? AND path < ?", arguments: Self.range(below: folder)) ?? 0
    }
  }

  /// Removes all results for videos below a folder.
  public func forget(below folder: [UInt8]) throws(LedgerError) {
    try write { db in
      try db.execute(sql: "DELETE FROM video WHERE path > ? AND path < ?", arguments: Self.range(below: folder))
    }
  }

  /// Bounds of the paths that start with the folder's path.
  private static func range(below folder: [UInt8]) -> StatementArguments {
    let prefix = folder.last == UInt8(ascii: "/") ? folder : folder + [UInt8(ascii: "/")]
    // '0' is the byte after '/'.
    return [Data(prefix), Data(prefix.dropLast() + [UInt8(ascii: "0")])]
  }

  /// - Returns: the id of the video; removes its older verdicts if the file has changed.
  private static func video(
    _ record: VideoRecord, _ identity: FileIdentity?, _ run: LedgerRun, _ db: Database
  ) throws -> Int64 {
    let path = Data(record.source.path.bytes)
    let known = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM video WHERE path = ?"), arguments: [path])
    let values: StatementArguments = [
      identity.map { Int64(bitPattern: $0.device) }, identity.map { Int64(bitPattern: $0.inode) },
      identity?.sizeBytes, identity?.modifiedNanoseconds, identity?.changedNanoseconds, record.source.sha256, run.id,
    ]
    guard let known else {
      try db.cachedStatement(
        sql: """
          INSERT INTO video (device, inode, sizeBytes, modifiedAt, changedAt, sha256, runId, path)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: values + [path])
      return db.lastInsertedRowID
    }
    let id: Int64 = known["id"]
    if FileIdentity(known) != identity || known["sha256"] != record.source.sha256 {
      try db.cachedStatement(sql: "DELETE FROM verdict WHERE videoId = ?").execute(arguments: [id])
      try db.cachedStatement(sql: "DELETE FROM failure WHERE videoId = ?").execute(arguments: [id])
    }
    try db.cachedStatement(
      sql: """
        UPDATE video SET device = ?, inode = ?, sizeBytes = ?, modifiedAt = ?, changedAt = ?, sha256 = ?, runId = ?
        WHERE id = ?
        """
    ).execute(arguments: values + [id])
    return id
  }

  private static func count(
    _ reason: FailureReason?, of id: Int64, _ at: Timestamp, _ run: LedgerRun, _ db: Database
  ) throws {
    guard let reason else {
      try db.cachedStatement(sql: "DELETE FROM failure WHERE videoId = ?").execute(arguments: [id])
      return
    }
    try db.cachedStatement(
      sql: """
        INSERT INTO failure (videoId, reason, count, assayVersion, lastAt) VALUES (?1, ?2, 1, ?3, ?4)
        ON CONFLICT (videoId) DO UPDATE SET
          count = CASE WHEN assayVersion = ?3 THEN count + 1 ELSE 1 END, reason = ?2, assayVersion = ?3, lastAt = ?4
        """
    ).execute(arguments: [id, reason.rawValue, run.assayVersion, at.nanosecondsSinceEpoch])
  }
}

extension FileIdentity {
  /// Identity in a row of `video`; nil if the file could not be opened.
  fileprivate init?(_ row: Row) {
    guard let device: Int64 = row["device"], let inode: Int64 = row["inode"] else { return nil }
    self.init(
      device: UInt64(bitPattern: device), inode: UInt64(bitPattern: inode), sizeBytes: row["sizeBytes"],
      modifiedNanoseconds: row["modifiedAt"], changedNanoseconds: row["changedAt"])
  }
}

extension KnownVideo.Row {
  fileprivate init(_ row: GRDB.Row) {
    self.init(
      id: row["rowId"], key: VerdictKey(modelHash: row["modelHash"], settingsHash: row["settingsHash"]),
      reason: (row["rowReason"] as String?).flatMap(FailureReason.init), openedAt: row["openedAt"])
  }
}
