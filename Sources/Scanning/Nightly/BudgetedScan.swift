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
  let walk: InputWalk
  let limit: Int?
  let canaries: Canaries
  let history: ScanHistory
  let monitor: ScanMonitor
  /// Time on the monotonic clock after which no video is started.
  let deadline: Double

  /// - Returns: stage reports summed over both passes, and what the walk skipped.
  func run(_ recorder: inout ScanRecorder) throws -> (stages: [StageReport], skipped: [String]) {
    let skipped = SkippedInputs()
    let first = try quick.run({ [walk, limit, deadline, history, monitor, faults = quick.plan.faults] emit in
      let feed = ScanFeed(
        walk: walk, limit: limit, deadline: deadline, history: history, faults: faults, monitor: monitor)
      skipped.set(try feed.run(emit))
    }) { video in
      monitor.scanned(try recorder.appendQuickLook(video, quick.plan), note: recorder.note)
    }
    guard let key = history.quickKey, !Interruption.shared.isRequested else { return (first, skipped.notes) }
    let paths = Self.ordered(
      try history.ledger.quickLooks(listedIn: history.run, key: key), by: whole.plan.judge.thresholds)
    // Canaries are scanned even after the deadline, because the result of the night cannot be trusted without them.
    let second = try whole.run({ [canaries, deadline] emit in
      var line = TicketLine(canaries: canaries)
      for path in paths {
        guard monotonicSeconds() < deadline, line.send(path, emit) else { break }
      }
      line.sendCanaries(emit)
    }) { video in
      if let record = try recorder.append(video) { monitor.scanned(record, note: recorder.note) }
    }
    return (Self.sum(first + second), skipped.notes)
  }

  /// Order for the full pass: first undecided and borderline scores, nearest to a threshold first; then videos without
  /// a face in their key frames; then the other verdicts, nearest first; failures last. Ties are ordered by path.
  static func ordered(_ looks: [QuickLook], by thresholds: Thresholds) -> [[UInt8]] {
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
  private static func isSetAside(_ look: QuickLook) -> Bool {
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
