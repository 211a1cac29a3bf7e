import Decoder
import Ledger
import Pipeline
import Runs
import Verdicts

/// A scan within a time budget: a first pass over every new video, then full passes over the uncertain ones in a fixed
/// order until time runs out.
struct BudgetedScan {
  /// Distance from a threshold within which a score is uncertain.
  private static let borderline = 0.1

  /// Settings of the first pass and of the full pass.
  let quick: ScanPass
  let whole: ScanPass
  let search: VideoSearch
  let limit: Int?
  let canaries: Canaries
  let history: ScanHistory
  let monitor: ScanMonitor

  /// What the two passes leave.
  struct Outcome {
    /// Summed over both passes.
    var stages: [StageReport]
    /// Number of canaries that were not scanned.
    var canariesPutBack = 0
    /// Whether the second pass was not begun.
    var isCutShort = false
  }

  /// - Parameter found: receives what the walk found out.
  func run(_ recorder: inout ScanRecorder, found: SharedReport) throws -> Outcome {
    let first = try quick.run({ [search, limit, history, monitor, quick] emit in
      let feed = ScanFeed(
        search: search, limit: limit, stop: quick.stop, history: history, faults: quick.plan.faults, monitor: monitor)
      found.set(try feed.run(emit))
    }) { video in
      monitor.scanned(try recorder.appendFirstPass(video, quick.plan), note: recorder.note)
    }
    history.leaveWaiting(first.putBack)
    guard let key = history.quickKey, !Interruption.shared.isRequested else {
      return Outcome(stages: first.stages, canariesPutBack: canaries.waiting.count, isCutShort: true)
    }
    let paths = Self.ordered(
      try history.ledger.firstPasses(listedIn: history.run, key: key), by: whole.plan.judge.thresholds)
    // Canaries are scanned even after the deadline, because the result of the night cannot be trusted without them.
    let roots = search.walk.roots
    let second = try whole.run({ [canaries] emit in
      var line = TicketLine(canaries: canaries)
      for path in paths {
        guard line.send(path, Self.root(of: path, among: roots), emit) else { break }
      }
      line.sendCanaries(emit)
    }) { video in
      if let record = try recorder.append(video) { monitor.scanned(record, note: recorder.note) }
    }
    return Outcome(
      stages: Self.sum(first.stages + second.stages),
      canariesPutBack: second.canariesPutBack + max(0, canaries.waiting.count - second.canariesSent),
      isCutShort: second.putBack > 0 || second.videosSent < paths.count)
  }

  /// The input folder that a file of the walk was found in.
  private static func root(of path: [UInt8], among roots: [[UInt8]]) -> [UInt8]? {
    let slash = UInt8(ascii: "/")
    if let folder = roots.first(where: { path.starts(with: $0.last == slash ? $0 : $0 + [slash]) }) { return folder }
    return path.lastIndex(of: slash).map { $0 == 0 ? [slash] : Array(path[..<$0]) }
  }

  /// Order for the full pass: first undecided and borderline scores, nearest to a threshold first; then videos without
  /// a face in their key frames; then the other verdicts, nearest first; failures last. Ties are ordered by path.
  static func ordered(_ looks: [FirstPass], by thresholds: Thresholds) -> [[UInt8]] {
    struct Place: Comparable {
      let rank: Int
      let distance: Double
      let path: [UInt8]

      static func < (first: Place, second: Place) -> Bool {
        if first.rank != second.rank { return first.rank < second.rank }
        if first.distance != second.distance { return first.distance < second.distance }
        return first.path.lexicographicallyPrecedes(second.path)
      }
    }
    return looks.filter { !isSetAside($0) }.map { look in
      guard let score = look.score else {
        return Place(rank: look.verdict == .noFace ? 1 : 3, distance: 0, path: look.path)
      }
      let distance =
        look.verdict == .undecided ? 0 : min(abs(score - thresholds.real), abs(score - thresholds.fake))
      return Place(rank: distance <= borderline ? 0 : 2, distance: distance, path: look.path)
    }.sorted().map(\.path)
  }

  /// Whether the file has crashed the decoder too often to be tried again.
  private static func isSetAside(_ look: FirstPass) -> Bool {
    (look.reason == .crashed || look.reason == .timeout) && look.failures >= RescanPolicy.mostCrashes
      && look.failureVersion == assayVersion
  }

  /// Merges the reports of stages with the same name.
  private static func sum(_ reports: [StageReport]) -> [StageReport] {
    var sums: [StageReport] = []
    for report in reports {
      if let index = sums.firstIndex(where: { $0.name == report.name }) {
        sums[index].itemsIn += report.itemsIn
        sums[index].itemsOut += report.itemsOut
        sums[index].failures += report.failures
        sums[index].busySeconds += report.busySeconds
        sums[index].starvedSeconds += report.starvedSeconds
        sums[index].blockedSeconds += report.blockedSeconds
      } else {
        sums.append(report)
      }
    }
    return sums
  }
}
