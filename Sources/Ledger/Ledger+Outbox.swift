import Foundation
internal import GRDB
public import Verdicts

/// A batch of findings delivered to a receiver in one message.
public struct Parcel: Sendable, Hashable {
  let id: Int64
  /// The same for each attempt, so that a receiver can discard duplicates.
  public let key: String
  public let body: [UInt8]
  public let videos: Int
  /// Number of failed attempts.
  public let attempts: Int
}

extension Ledger {
  /// Whether a finding is in a parcel for the receiver, delivered or not.
  public func hasNotice(_ key: String, for receiver: String) throws(LedgerError) -> Bool {
    try read { db in
      let statement = try db.cachedStatement(sql: "SELECT 1 FROM notice WHERE receiver = ? AND key = ?")
      return try Int.fetchOne(statement, arguments: [receiver, key]) != nil
    }
  }

  /// Adds a parcel to the outbox; it is delivered unchanged.
  ///
  /// - Parameters:
  ///   - key: idempotency key for the receiver.
  ///   - notices: keys of the findings in it; none may be in another parcel for this receiver.
  public func pack(
    _ body: [UInt8], key: String, notices: [String], for receiver: String, at packedAt: Timestamp
  ) throws(LedgerError) {
    try write { db in
      try db.cachedStatement(
        sql: "INSERT INTO parcel (receiver, key, body, videos, packedAt) VALUES (?, ?, ?, ?, ?)"
      ).execute(arguments: [receiver, key, Data(body), notices.count, packedAt.nanosecondsSinceEpoch])
      let parcel = db.lastInsertedRowID
      let statement = try db.cachedStatement(sql: "INSERT INTO notice (receiver, key, parcelId) VALUES (?, ?, ?)")
      for notice in notices { try statement.execute(arguments: [receiver, notice, parcel]) }
    }
  }

  /// The next undelivered parcel for the receiver, in the order of packing.
  ///
  /// - Parameter parcel: the previous parcel; nil for the first.
  public func undelivered(after parcel: Parcel?, for receiver: String) throws(LedgerError) -> Parcel? {
    try read { db in
      let statement = try db.cachedStatement(
        sql: "SELECT * FROM parcel WHERE receiver = ? AND id > ? AND deliveredAt IS NULL ORDER BY id LIMIT 1")
      guard let row = try Row.fetchOne(statement, arguments: [receiver, parcel?.id ?? 0]) else { return nil }
      let body: Data = row["body"]
      return Parcel(
        id: row["id"], key: row["key"], body: Array(body), videos: row["videos"], attempts: row["attempts"])
    }
  }

  /// Records a delivery: removes the parcel's body, keeps the keys of its findings.
  public func markDelivered(_ parcel: Parcel, at deliveredAt: Timestamp) throws(LedgerError) {
    try write { db in
      try db.cachedStatement(sql: "UPDATE parcel SET deliveredAt = ?, body = x'' WHERE id = ?").execute(
        arguments: [deliveredAt.nanosecondsSinceEpoch, parcel.id])
    }
  }

  /// Records a failed attempt: the receiver does not have the parcel, or its state is unknown.
  public func markFailed(_ parcel: Parcel, why: String) throws(LedgerError) {
    try write { db in
      try db.cachedStatement(sql: "UPDATE parcel SET attempts = attempts + 1, lastError = ? WHERE id = ?").execute(
        arguments: [why, parcel.id])
    }
  }

  /// Number of undelivered parcels for the receiver, and of the videos in them.
  public func waiting(for receiver: String) throws(LedgerError) -> (parcels: Int, videos: Int) {
    try read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT count(*) AS parcels, coalesce(sum(videos), 0) AS videos FROM parcel
          WHERE receiver = ? AND deliveredAt IS NULL
          """, arguments: [receiver])
      return (row?["parcels"] ?? 0, row?["videos"] ?? 0)
    }
  }
}
