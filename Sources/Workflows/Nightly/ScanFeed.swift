import Verdicts

/// Walks through all videos of a scan and emits those that are to be scanned.
///
/// The walk goes to its end also when no more can be taken (a limit, an interruption), so that the rows of earlier runs
/// are listed and what still waits is counted.
struct ScanFeed {
  let walk: InputWalk
  /// The most videos that are emitted; nil for all.
  let limit: Int?
  let history: ScanHistory
  let faults: FaultLog
  let monitor: ScanMonitor

  /// - Returns: what the walk left out.
  func run(_ emit: (VideoTicket) -> Bool) throws -> InputWalk.Skipped {
    var number = 0
    var isOpen = true
    var failure: (any Error)?
    let skipped = walk.forEach { path in
      do {
        guard try history.wantsScan(of: path) else {
          monitor.kept()
          return true
        }
      } catch {
        failure = error
        return false
      }
      isOpen = isOpen && number < limit ?? .max && emit(VideoTicket(number: number, path: path))
      if isOpen { number += 1 } else { history.leaveWaiting() }
      return faults.first == nil
    }
    if let failure { throw failure }
    try history.writeKept()
    return skipped
  }
}
