import Foundation
import GRDB
import Ledger
import TestSupport
import Testing
import Verdicts

@Suite("Outbox")
struct OutboxTests {
  private typealias Example = LedgerExamples

  private func pack(_ ledger: Ledger, _ key: String, for receiver: String = "a") throws {
    try ledger.pack(
      Array("body \(key)".utf8), key: key, notices: [key + "1", key + "2"], for: receiver, at: Example.time(5))
  }

  @Test("parcels wait in their order until they are delivered, for each receiver on its own")
  func order() throws {
    let ledger = try Ledger.inMemory()
    for key in ["x", "y"] { try pack(ledger, key) }
    try pack(ledger, "x", for: "b")
    let first = try #require(try ledger.undelivered(after: nil, for: "a"))
    #expect(first.key == "x" && first.body == Array("body x".utf8) && first.videos == 2 && first.attempts == 0)
    #expect(try ledger.undelivered(after: first, for: "a")?.key == "y")
    try ledger.markFailed(first, why: "down")
    #expect(try ledger.undelivered(after: nil, for: "a")?.attempts == 1)
    #expect(try ledger.waiting(for: "a") == (2, 4))
    try ledger.markDelivered(first, at: Example.time(9))
    #expect(try ledger.undelivered(after: nil, for: "a")?.key == "y")
    #expect(try ledger.waiting(for: "a") == (1, 2))
    #expect(try ledger.waiting(for: "b") == (1, 2))
    #expect(try ledger.hasNotice("x2", for: "a") && ledger.hasNotice("x1", for: "b"))
    #expect(try !ledger.hasNotice("y1", for: "b"))
  }

  @Test("a finding is packed once for a receiver, and a parcel that cannot be packed whole is not packed")
  func once() throws {
    let ledger = try Ledger.inMemory()
    try pack(ledger, "x")
    #expect(throws: LedgerError.self) {
      try ledger.pack([1], key: "z", notices: ["new", "x2"], for: "a", at: Example.time(6))
    }
    #expect(try ledger.waiting(for: "a") == (1, 2))
    #expect(try !ledger.hasNotice("new", for: "a"))
  }

  @Test(
    "a ledger of an earlier schema gets what it lacks and keeps its rows and runs",
    arguments: [
      [
        "DROP TABLE runDistribution", "DROP TABLE notice", "DROP TABLE parcel",
        "DELETE FROM grdb_migrations WHERE identifier > '2'",
      ],
      ["DROP TABLE runDistribution", "DELETE FROM grdb_migrations WHERE identifier > '3'"],
    ])
  func migration(undoing: [String]) throws {
    let folder = ScratchFolder()
    let path = folder.path("assay.sqlite")
    do {
      let ledger = try Ledger(path: path)
      let run = try Example.run(ledger)
      try ledger.record(
        Example.record("a"), identity: Example.identity(), openedAt: Example.time(900), in: run)
      try ledger.finish(run, at: Example.time(2000), isComplete: true, newlyScanned: RunDistribution())
    }
    do {
      // As the version before left it.
      let queue = try DatabaseQueue(path: path)
      try queue.write { db in
        for change in undoing { try db.execute(sql: change) }
        #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM grdb_migrations") == (undoing.count == 2 ? 2 : 1))
      }
    }
    let ledger = try Ledger(path: path)
    try ledger.flushEachChange()
    try pack(ledger, "x")
    #expect(try ledger.video(at: VideoPath("a").bytes, for: Example.key)?.identity == Example.identity())
    #expect(try ledger.waiting(for: "a") == (1, 2))
    // A run of the earlier version did not say what it scanned.
    let runs = try ledger.runs(last: nil)
    #expect(runs.map(\.finishedAt) == [Example.time(2000)] && runs.first?.newlyScanned == nil)
  }
}
