internal import GRDB

/// The schema of the file. Migrations are append-only: one that has run on a user's ledger must not change.
///
/// Times are nanoseconds since 1970 UTC; paths are bytes.
enum LedgerSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: runs, videos, verdicts, failures") { db in
      try db.execute(
        sql: """
          CREATE TABLE run (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            startedAt INTEGER NOT NULL,
            finishedAt INTEGER,                     -- null while it runs, and for ever when it was killed
            isComplete INTEGER NOT NULL DEFAULT 0,  -- every video had its row
            assayVersion TEXT NOT NULL,
            host TEXT NOT NULL,
            modelHash TEXT NOT NULL,
            settingsHash TEXT NOT NULL
          ) STRICT;

          CREATE TABLE video (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            -- The file when it was last scanned; null when it could not be opened. Device and inode hold the bits
            -- of unsigned numbers.
            device INTEGER, inode INTEGER, sizeBytes INTEGER, modifiedAt INTEGER, changedAt INTEGER,
            sha256 TEXT,
            -- The run that last listed it, and the row that it listed.
            runId INTEGER NOT NULL REFERENCES run (id),
            verdictId INTEGER
          ) STRICT;
          CREATE INDEX videoByRun ON video (runId, path);

          CREATE TABLE verdict (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            videoId INTEGER NOT NULL REFERENCES video (id) ON DELETE CASCADE,
            runId INTEGER NOT NULL REFERENCES run (id),
            openedAt INTEGER NOT NULL,
            modelHash TEXT NOT NULL,
            settingsHash TEXT NOT NULL,
            verdict TEXT NOT NULL,
            score REAL,
            reason TEXT,
            row BLOB NOT NULL,                      -- as manifest.jsonl has it
            UNIQUE (videoId, modelHash, settingsHash)
          ) STRICT;

          CREATE TABLE failure (
            videoId INTEGER PRIMARY KEY REFERENCES video (id) ON DELETE CASCADE,
            reason TEXT NOT NULL,
            count INTEGER NOT NULL,                 -- since the last verdict, of this file and version
            assayVersion TEXT NOT NULL,
            lastAt INTEGER NOT NULL
          ) STRICT;
          """)
    }
    migrator.registerMigration("2: outbox") { db in
      try db.execute(
        sql: """
          -- What is to be handed to a receiver at once, whole, until it has taken it.
          CREATE TABLE parcel (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            receiver TEXT NOT NULL,
            key TEXT NOT NULL,                      -- by which the receiver knows a repetition
            body BLOB NOT NULL,                     -- empty once it was delivered
            videos INTEGER NOT NULL,
            packedAt INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            lastError TEXT,
            deliveredAt INTEGER,
            UNIQUE (receiver, key)
          ) STRICT;
          CREATE INDEX parcelToDeliver ON parcel (receiver, id) WHERE deliveredAt IS NULL;

          -- Which findings are in a parcel, delivered or not.
          CREATE TABLE notice (
            receiver TEXT NOT NULL,
            key TEXT NOT NULL,
            parcelId INTEGER NOT NULL REFERENCES parcel (id) ON DELETE CASCADE,
            PRIMARY KEY (receiver, key)
          ) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("3: distribution of a run") { db in
      try db.execute(
        sql: """
          -- Scores, verdicts and formats of the videos that the run scanned itself, as JSON.
          CREATE TABLE runDistribution (
            runId INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
            newlyScanned BLOB NOT NULL
          ) STRICT;
          """)
    }
    return migrator
  }
}
