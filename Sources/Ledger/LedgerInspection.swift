import Foundation
internal import GRDB
import Verdicts

/// What a ledger file holds, read without changing it.
public struct LedgerInspection: Sendable, Hashable {
  /// The videos whose newest row one model made.
  public struct Model: Sendable, Hashable {
    /// SHA-256 of the model file.
    public let hash: String
    public let videos: Int
  }

  /// Schema steps that opening the file for a scan would carry out.
  public let pendingMigrations: [String]
  /// Version of Assay of the newest run; nil without any.
  public let lastVersion: String?
  /// By falling number of videos.
  public let models: [Model]

  /// - Throws: `LedgerError`: `.newerSchema` when a newer version of Assay has written to it, `.busy` while a scan does.
  public init(path: String) throws(LedgerError) {
    var configuration = Configuration()
    configuration.readonly = true
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let migrator = LedgerSchema.migrator
      guard try !queue.read(migrator.hasBeenSuperseded) else { throw LedgerError.newerSchema(path: path) }
      self = try queue.read { db in
        let applied = try migrator.appliedIdentifiers(db)
        let models = try Row.fetchAll(
          db,
          sql: """
            SELECT modelHash, count(*) AS videos FROM verdict
            WHERE id IN (SELECT max(id) FROM verdict GROUP BY videoId) GROUP BY modelHash ORDER BY videos DESC, modelHash
            """)
        return LedgerInspection(
          pendingMigrations: migrator.migrations.filter { !applied.contains($0) },
          lastVersion: try String.fetchOne(db, sql: "SELECT assayVersion FROM run ORDER BY id DESC LIMIT 1"),
          models: models.map { Model(hash: $0["modelHash"], videos: $0["videos"]) })
      }
    } catch { throw Ledger.explained(error, path: path) }
  }

  private init(pendingMigrations: [String], lastVersion: String?, models: [Model]) {
    self.pendingMigrations = pendingMigrations
    self.lastVersion = lastVersion
    self.models = models
  }
}
