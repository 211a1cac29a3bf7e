import Foundation
import GRDB
import Ledger
import TestSupport
import Testing
import Verdicts

@Suite("Ledger file")
struct LedgerFileTests {
  private typealias Example = LedgerExamples
  private let folder = ScratchFolder()
  private var path: String { folder.path("assay.sqlite") }

  @Test("what was recorded is there when the file is opened again")
  func reopened() throws {
    do {
      let ledger = try Ledger(path: path)
      try ledger.record(
        Example.record("a"), identity: Example.identity(), openedAt: Example.time(900), in: Example.run(ledger))
    }
    let ledger = try Ledger(path: path)
    #expect(try ledger.video(at: VideoPath("a").bytes, for: Example.key)?.identity == Example.identity())
  }

  @Test("a file with migrations that this version does not know is refused")
  func newer() throws {
    do { _ = try Ledger(path: path) }
    do {
      let queue = try DatabaseQueue(path: path)
      try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: of the future')") }
    }
    let error = #expect(throws: LedgerError.self) { try Ledger(path: path) }
    #expect(error == .newerSchema(path: path))
    #expect(error?.description.contains("newer version of Assay") == true)
  }

  @Test("the first schema, as released, is what its migration makes: later versions start from exactly that")
  func firstSchema() throws {
    do { _ = try Ledger(path: path) }
    let queue = try DatabaseQueue(path: path)
    let columns = try queue.read { db in
      try ["run", "video", "verdict", "failure"].map { table in try db.columns(in: table).map(\.name) }
    }
    #expect(
      columns == [
        ["id", "startedAt", "finishedAt", "isComplete", "assayVersion", "host", "modelHash", "settingsHash"],
        [
          "id", "path", "device", "inode", "sizeBytes", "modifiedAt", "changedAt", "sha256", "runId", "verdictId",
        ],
        ["id", "videoId", "runId", "openedAt", "modelHash", "settingsHash", "verdict", "score", "reason", "row"],
        ["videoId", "reason", "count", "assayVersion", "lastAt"],
      ])
  }

  @Test("a file that is no ledger says so and stays as it is")
  func foreign() throws {
    let text = String(repeating: "dear diary, ", count: 100)
    try folder.write(text, to: "assay.sqlite")
    let error = #expect(throws: LedgerError.self) { try Ledger(path: path) }
    #expect(error?.description.contains("is no ledger") == true)
    #expect(try folder.text("assay.sqlite") == text)
  }

  @Test("a second opening is told that the file is busy")
  func busy() throws {
    let ledger = try Ledger(path: path)
    #expect(throws: LedgerError.busy(path: path)) { try Ledger(path: path) }
    _ = try Example.run(ledger)
  }

  @Test("a file that was deleted or replaced takes no more rows")
  func vanished() throws {
    let ledger = try Ledger(path: path)
    let run = try Example.run(ledger)
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: LedgerError.vanished(path: path)) {
      try ledger.record(Example.record("a"), identity: nil, openedAt: Example.time(900), in: run)
    }
    try folder.write("", to: "assay.sqlite")
    #expect(throws: LedgerError.vanished(path: path)) {
      try ledger.record(Example.record("a"), identity: nil, openedAt: Example.time(900), in: run)
    }
  }
}
