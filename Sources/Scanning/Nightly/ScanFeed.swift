import Decoder
import Runs
import Verdicts

/// Enumerates the videos of a scan and emits those to be scanned, interleaved with canaries.
///
/// The walk continues to its end even if no more videos are accepted (limit, budget, interruption), so that rows of
/// earlier runs are listed and waiting videos are counted; after an interruption for the grace period at most.
struct ScanFeed {
  let search: VideoSearch
  /// Maximum number of videos to emit; nil for all.
  let limit: Int?
  let stop: ScanStop
  var canaries = Canaries.none
  let history: ScanHistory
  let faults: FaultLog
  let monitor: ScanMonitor

  /// - Returns: what the walk found out.
  func run(_ emit: (VideoTicket) -> Bool) throws -> InputWalk.Report {
    var line = TicketLine(canaries: canaries)
    var isOpen = true
    var failure: (any Error)?
    let report = search.forEach(knows: history.knows) { file in
      if file.needsProbe { monitor.progress.addToTotal(1) }
      do {
        guard try history.wantsScan(of: file) else {
          monitor.kept()
          return true
        }
      } catch {
        failure = error
        return false
      }
      isOpen = isOpen && line.videos < limit ?? .max && !stop.isStopping() && line.send(file.path, file.root, emit)
      if !isOpen { history.leaveWaiting() }
      return faults.first == nil && !stop.isPastGrace(forCanary: true)
    }
    if let failure { throw failure }
    try history.writeKept()
    line.sendCanaries(emit)
    return report
  }
}

/// Numbers videos and inserts canaries between them.
struct TicketLine {
  private var canaries: Canaries
  /// Number of emitted videos, excluding canaries.
  private(set) var videos = 0
  private var number = 0

  init(canaries: Canaries) {
    self.canaries = canaries
  }

  /// - Returns: whether more videos are accepted.
  mutating func send(_ path: [UInt8], _ root: [UInt8]?, _ emit: (VideoTicket) -> Bool) -> Bool {
    if let canary = canaries.next(), !send(canary.path, nil, canary.guise, emit) { return false }
    guard send(path, root, nil, emit) else { return false }
    videos += 1
    return true
  }

  /// Emits the canaries that did not fit between the videos.
  mutating func sendCanaries(_ emit: (VideoTicket) -> Bool) {
    for canary in canaries.waiting {
      guard send(canary.path, nil, canary.guise, emit) else { return }
    }
  }

  private mutating func send(
    _ path: [UInt8], _ root: [UInt8]?, _ guise: CanaryGuise?, _ emit: (VideoTicket) -> Bool
  ) -> Bool {
    guard emit(VideoTicket(number: number, path: path, root: root, canary: guise)) else { return false }
    number += 1
    return true
  }
}
