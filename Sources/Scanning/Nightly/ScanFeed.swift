import Runs
import Verdicts

/// Enumerates the videos of a scan and emits those to be scanned, interleaved with canaries.
///
/// The walk continues to its end even if no more videos are accepted (limit, budget, interruption), so that rows of
/// earlier runs are listed and waiting videos are counted.
struct ScanFeed {
  let walk: InputWalk
  /// Maximum number of videos to emit; nil for all.
  let limit: Int?
  /// Time on the monotonic clock after which no video is emitted; nil for no deadline.
  var deadline: Double?
  var canaries = Canaries.none
  let history: ScanHistory
  let faults: FaultLog
  let monitor: ScanMonitor

  /// - Returns: what the walk skipped.
  func run(_ emit: (VideoTicket) -> Bool) throws -> InputWalk.Skipped {
    var line = TicketLine(canaries: canaries)
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
      isOpen = isOpen && line.videos < limit ?? .max && isInTime && line.send(path, emit)
      if !isOpen { history.leaveWaiting() }
      return faults.first == nil
    }
    if let failure { throw failure }
    try history.writeKept()
    line.sendCanaries(emit)
    return skipped
  }

  private var isInTime: Bool { deadline.map { monotonicSeconds() < $0 } ?? true }
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
  mutating func send(_ path: [UInt8], _ emit: (VideoTicket) -> Bool) -> Bool {
    if let canary = canaries.next(), !send(canary.path, canary.guise, emit) { return false }
    guard send(path, nil, emit) else { return false }
    videos += 1
    return true
  }

  /// Emits the canaries that did not fit between the videos.
  mutating func sendCanaries(_ emit: (VideoTicket) -> Bool) {
    for canary in canaries.waiting {
      guard send(canary.path, canary.guise, emit) else { return }
    }
  }

  private mutating func send(
    _ path: [UInt8], _ guise: CanaryGuise?, _ emit: (VideoTicket) -> Bool
  ) -> Bool {
    guard emit(VideoTicket(number: number, path: path, canary: guise)) else { return false }
    number += 1
    return true
  }
}
