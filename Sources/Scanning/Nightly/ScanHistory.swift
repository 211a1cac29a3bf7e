import Decoder
import Foundation
import Isolation
import Ledger
import Runs
import Synchronization
import Verdicts

/// The ledger of a scan: rows of earlier runs, and recording of this one.
final class ScanHistory: Sendable {
  /// Counts of the walk's videos that were not scanned.
  struct Tally: Sendable {
    var kept = 0
    var leftOut = 0
    /// Found, but left for a later run.
    var waiting = 0
    fileprivate var unwritten: [(video: KnownVideo, row: KnownVideo.Row)] = []
  }

  /// Number of kept rows written per transaction.
  private static let batch = 512

  let ledger: Ledger
  let run: LedgerRun
  /// Key of preliminary rows, in a run with a time budget.
  let quickKey: VerdictKey?
  private let policy: RescanPolicy
  private let followSymlinks: Bool
  private let tally = Mutex(Tally())

  /// - Throws: `WorkflowError.input` when a folder with known videos is now empty; `LedgerError`.
  init(plan: ScanPlan, quick: ScanPlan? = nil, options: ScanOptions, startedAt: Timestamp) throws {
    let ledger = try Ledger(path: options.ledgerPath)
    try Self.checkFolders(options, ledger)
    self.ledger = ledger
    run = try ledger.beginRun(
      at: startedAt, assayVersion: assayVersion, host: ProcessInfo.processInfo.hostName,
      key: VerdictKey(plan.context))
    quickKey = quick.map { VerdictKey($0.context) }
    policy = RescanPolicy(options.ledger)
    followSymlinks = options.followSymlinks
  }

  var counts: Tally { tally.withLock { $0 } }

  /// One sentence per kind of video that was not scanned.
  ///
  /// - Parameter quickLooks: number of videos listed with a preliminary row.
  func notes(quickLooks: Int) -> [String] {
    let counts = counts
    let (kept, leftOut, waiting) = (counts.kept, counts.leftOut, counts.waiting)
    var notes: [String] = []
    if kept > 0 { notes.append("\(kept) of them unchanged since an earlier run (--rescan scans them again)") }
    if leftOut > 0 { notes.append("\(leftOut) older videos that no run has seen were left out by --since") }
    if quickLooks > 0 {
      notes.append("\(quickLooks) of them got the first pass only; the next run continues with those")
    }
    if waiting > 0 { notes.append("\(waiting) more videos wait for the next run") }
    return notes
  }

  /// Counts a video that this run does not reach.
  func leaveWaiting() { tally.withLock { $0.waiting += 1 } }

  /// - Returns: whether to scan the video; otherwise its row, possibly preliminary, is kept, or the video is left out.
  func wantsScan(of path: [UInt8]) throws -> Bool {
    var known = try ledger.video(at: path, for: run.key)
    let identity = FileStatus(path: path, followSymlinks: followSymlinks).map(FileIdentity.init)
    var decision = policy.decide(known, identity)
    if decision == .scan, known != nil, let quickKey {
      known = try ledger.video(at: path, for: quickKey)
      decision = policy.decide(known, identity)
    }
    switch decision {
    case .scan: return true
    case .leaveOut: tally.withLock { $0.leftOut += 1 }
    case .keep(let row):
      guard let known else { return true }
      let isFull = tally.withLock { tally in
        tally.kept += 1
        tally.unwritten.append((known, row))
        return tally.unwritten.count >= Self.batch
      }
      if isFull { try writeKept() }
    }
    return false
  }

  /// Records which rows are kept; must be called when the walk has ended.
  func writeKept() throws {
    let rows = tally.withLock { tally in
      defer { tally.unwritten = [] }
      return tally.unwritten
    }
    if !rows.isEmpty { try ledger.keep(rows, in: run) }
  }

  /// - Parameter isQuickLook: whether the row is preliminary.
  func record(_ record: VideoRecord, of file: DecodedFile, isQuickLook: Bool = false) throws {
    let run = isQuickLook ? quickKey.map(run.with) ?? run : run
    try ledger.record(record, identity: file.status.map(FileIdentity.init), openedAt: file.openedAt, in: run)
  }

  /// An unmounted folder looks like one whose videos were all deleted.
  private static func checkFolders(_ options: ScanOptions, _ ledger: Ledger) throws {
    for root in InputWalk(inputs: options.inputs).roots {
      let known = try ledger.videoCount(below: root)
      guard known > 0 else { continue }
      var isEmpty = true
      _ = InputWalk(inputs: [root], followSymlinks: options.followSymlinks).forEach { path in
        isEmpty = path == root
        return false
      }
      guard isEmpty else { continue }
      guard options.ledger.allowEmpty else {
        throw WorkflowError.input(
          path: String(decoding: root, as: UTF8.self),
          why: "it holds no video now, and the ledger knows \(known) in it: is it mounted? If they were deleted on "
            + "purpose, say --allow-empty")
      }
      try ledger.forget(below: root)
    }
  }
}

extension ScanOptions {
  /// Path of the ledger.
  package var ledgerPath: String { ledger.path ?? output + "/assay.sqlite" }
}
