import Foundation
internal import GRDB
public import Verdicts

/// A video for which only a preliminary row exists.
public struct FirstPass: Sendable, Hashable {
  public let path: [UInt8]
  public let verdict: Verdict
  public let score: Double?
  public let reason: FailureReason?
  /// Number of failures since the last verdict, and the version of Assay that counted them.
  public let failures: Int
  public let failureVersion: String?

  public init(
    path: [UInt8], verdict: Verdict, score: Double?, reason: FailureReason?, failures: Int, failureVersion: String?
  ) {
    self.path = path
    self.verdict = verdict
    self.score = score
    self.reason = reason
    self.failures = failures
    self.failureVersion = failureVersion
  }
}

extension Ledger {
  /// The videos that a run lists with a preliminary row, from this run or an earlier one, sorted by path.
  ///
  /// - Parameter key: key of preliminary rows.
  public func firstPasses(listedIn run: LedgerRun, key: VerdictKey) throws(LedgerError) -> [FirstPass] {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT path, verdict, score, verdict.reason AS rowReason, failure.count AS failures,
            failure.assayVersion AS failureVersion
          FROM video JOIN verdict ON verdict.id = video.verdictId LEFT JOIN failure ON failure.videoId = video.id
          WHERE video.runId = ? AND modelHash = ? AND settingsHash = ? ORDER BY path
          """, arguments: [run.id, key.modelHash, key.settingsHash])
      var looks: [FirstPass] = []
      while let row = try rows.next() {
        let path: Data = row["path"]
        looks.append(
          FirstPass(
            path: Array(path), verdict: Verdict(rawValue: row["verdict"]) ?? .failed, score: row["score"],
            reason: (row["rowReason"] as String?).flatMap(FailureReason.init), failures: row["failures"] ?? 0,
            failureVersion: row["failureVersion"]))
      }
      return looks
    }
  }

  /// Passes the preliminary rows that a run made and still lists to `body`, sorted by path.
  public func forEachFirstPassRow(
    of run: LedgerRun, key: VerdictKey, _ body: (_ line: [UInt8]) throws -> Void
  ) throws(LedgerError) {
    try read { db in
      let rows = try Data.fetchCursor(
        db,
        sql: """
          SELECT row FROM video JOIN verdict ON verdict.id = video.verdictId
          WHERE video.runId = ?1 AND verdict.runId = ?1 AND modelHash = ?2 AND settingsHash = ?3 ORDER BY path
          """, arguments: [run.id, key.modelHash, key.settingsHash])
      while let row = try rows.next() { try body(Array(row)) }
    }
  }
}
