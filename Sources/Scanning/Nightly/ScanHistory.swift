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
    /// Of those, rows of another model.
    var ofOtherModels = 0
    /// Hard links, or with `--follow-symlinks` other names, of videos of this run.
    var linked = 0
    var leftOut = 0
    /// Found, but left for a later run.
    var waiting = 0
    fileprivate var unwritten: [(video: KnownVideo, row: KnownVideo.Row)] = []
    /// No further row is kept: the manifests are being written, and a walk that was given up may still be running.
    fileprivate var isClosed = false
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
  private let links = Mutex(LinkedVideos())

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
  /// - Parameter firstPasses: number of videos listed with a preliminary row.
  func notes(firstPasses: Int) -> [String] {
    let counts = counts
    let (kept, leftOut, waiting) = (counts.kept, counts.leftOut, counts.waiting)
    var notes: [String] = []
    if kept > 0 {
      let why = policy.hasSince ? "unchanged, or older than --since" : "unchanged"
      notes.append("\(kept) of them with the row of an earlier run: \(why) (--rescan scans them again)")
    }
    if counts.ofOtherModels > 0 {
      notes.append("\(counts.ofOtherModels) of those rows are of another model (warning other_model)")
    }
    if counts.linked > 0 {
      notes.append(
        "\(counts.linked) of them \(counts.linked == 1 ? "is a hard link" : "are hard links") of others: decoded once")
    }
    if leftOut > 0 {
      notes.append(
        "\(leftOut) older \(leftOut == 1 ? "video" : "videos") that no run has seen were left out by --since")
    }
    if firstPasses > 0 {
      notes.append("\(firstPasses) of them got the first pass only; the next run continues with those")
    }
    if waiting > 0 {
      notes.append(
        waiting == 1 ? "1 more video waits for the next run" : "\(waiting) more videos wait for the next run")
    }
    return notes
  }

  /// Counts videos that this run does not reach.
  func leaveWaiting(_ count: Int = 1) { tally.withLock { $0.waiting += count } }

  /// Whether the file has a row that this run keeps, so that nobody has to look at its content.
  func knows(_ file: InputWalk.File) -> Bool {
    guard let known = try? ledger.video(at: file.path, for: run.key) else {
      return false  // A ledger that cannot be read fails the run at the next use.
    }
    let identity = FileStatus(path: file.path, followSymlinks: followSymlinks).map(FileIdentity.init)
    guard let row = policy.row(of: known) else { return false }
    return row.reason != .notVideo && identity != nil && known.identity == identity
  }

  /// - Returns: whether to scan the video; otherwise its row, possibly preliminary, is kept, or that of another name of
  ///   the same file is taken, or the video is left out.
  func wantsScan(of file: InputWalk.File) throws -> Bool {
    let path = file.path
    var known = try ledger.video(at: path, for: run.key)
    let identity = FileStatus(path: path, followSymlinks: followSymlinks).map(FileIdentity.init)
    var decision = policy.decide(known, identity)
    if decision == .leaveOut {
      tally.withLock { $0.leftOut += 1 }
      return false
    }
    // With other names or symbolic links, the same file may be met twice.
    if let status = file.status, let identity, status.links > 1 || followSymlinks {
      let isKept = if case .keep = decision { true } else { false }
      let isLinked = links.withLock { $0.meet(file, status.key, identity, isKept: isKept) }
      if isLinked { return false }
    }
    if decision == .scan, known != nil, let quickKey {
      known = try ledger.video(at: path, for: quickKey)
      decision = policy.decide(known, identity)
    }
    guard case .keep(let row) = decision, let known else { return true }
    let isFull = tally.withLock { tally in
      guard !tally.isClosed else { return false }
      tally.kept += 1
      if row.key.modelHash != run.key.modelHash { tally.ofOtherModels += 1 }
      tally.unwritten.append((known, row))
      return tally.unwritten.count >= Self.batch
    }
    if isFull { try writeKept() }
    return false
  }

  /// Records rows for the other names of files that this run lists, once all videos are recorded.
  ///
  /// - Parameter take: receives each row with a final verdict; preliminary rows are read from the ledger.
  func recordLinked(_ take: (VideoRecord) throws -> Void) throws {
    for group in links.withLock({ $0.groups }) {
      // A row of another model or other settings is not what this run would say.
      guard let first = try ledger.row(listedAt: group.first, in: run), first.key == run.key || first.key == quickKey
      else {
        leaveWaiting(group.others.count)
        continue
      }
      let record = try ManifestJSON.record(line: first.line, file: ledger.path)
      for other in group.others {
        var copy = record
        copy.source.path = VideoPath(other.path)
        copy.source.root = VideoPath(other.root)
        copy.warnings.removeAll { $0.code == .hardLink }
        copy.warnings.append(
          WarningRecord(.hardLink, "the same file as \(VideoPath(group.first).text), which was decoded for both"))
        let isQuick = first.key == quickKey
        try ledger.record(
          copy, identity: other.identity, openedAt: first.openedAt, in: isQuick ? run.with(first.key) : run)
        tally.withLock { $0.linked += 1 }
        if !isQuick { try take(copy) }
      }
    }
  }

  /// Lists the earlier rows of videos below a folder, or of a file, that this run could not look at.
  ///
  /// - Returns: their paths.
  func keepEarlier(below folder: [UInt8]) throws -> [[UInt8]] { try ledger.keepEarlier(below: folder, in: run) }

  /// Records the last kept rows; what a walk still finds is not kept any more.
  func close() throws {
    tally.withLock { $0.isClosed = true }
    try writeKept()
  }

  /// Records which rows are kept so far.
  func writeKept() throws {
    let rows = tally.withLock { tally in
      defer { tally.unwritten = [] }
      return tally.unwritten
    }
    if !rows.isEmpty { try ledger.keep(rows, in: run) }
  }

  /// - Parameter isFirstPass: whether the row is preliminary.
  func record(_ record: VideoRecord, of file: DecodedFile, isFirstPass: Bool = false) throws {
    let run = isFirstPass ? quickKey.map(run.with) ?? run : run
    try ledger.record(record, identity: file.status.map(FileIdentity.init), openedAt: file.openedAt, in: run)
  }

  /// An unmounted folder looks like one whose videos were all deleted; one that cannot be read is another matter.
  private static func checkFolders(_ options: ScanOptions, _ ledger: Ledger) throws {
    for root in options.search.walk.roots {
      let known = try ledger.videoCount(below: root)
      guard known > 0 else { continue }
      var isEmpty = true
      let report = VideoSearch(
        inputs: [root], followSymlinks: options.followSymlinks, onlyExtensions: options.onlyExtensions
      ).forEach { file in
        isEmpty = file.path == root
        return false
      }
      guard isEmpty, report.failures.isEmpty else { continue }
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

/// Files of a run that have several names.
private struct LinkedVideos {
  struct Name {
    let path: [UInt8]
    let root: [UInt8]
    let identity: FileIdentity
  }
  struct Group {
    /// The name that is scanned, or whose row is kept.
    let first: [UInt8]
    var others: [Name] = []
  }

  private var places: [FileKey: Int] = [:]
  private var met: [Group] = []

  /// In the order of the walk; those with other names only.
  var groups: [Group] { met.filter { !$0.others.isEmpty } }

  /// - Parameter isKept: whether the name has a row that is kept.
  /// - Returns: whether the file takes the row of a name that was met before.
  mutating func meet(_ file: InputWalk.File, _ key: FileKey, _ identity: FileIdentity, isKept: Bool) -> Bool {
    guard let place = places[key] else {
      places[key] = met.count
      met.append(Group(first: file.path))
      return false
    }
    if !isKept { met[place].others.append(Name(path: file.path, root: file.root, identity: identity)) }
    return !isKept
  }
}

extension ScanOptions {
  /// Path of the ledger.
  package var ledgerPath: String { ledger.path ?? output + "/assay.sqlite" }

  /// The videos of the inputs.
  var search: VideoSearch {
    VideoSearch(inputs: inputs, followSymlinks: followSymlinks, onlyExtensions: onlyExtensions)
  }
}
