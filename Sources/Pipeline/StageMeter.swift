import Synchronization

/// Collects a stage's counters from all its workers.
final class StageMeter: Sendable {
  private let totals: Mutex<StageReport>

  init(name: String, workers: Int) {
    totals = Mutex(StageReport(name: name, workers: workers))
  }

  var report: StageReport { totals.withLock { $0 } }

  func add(_ change: (inout StageReport) -> Void) {
    totals.withLock { change(&$0) }
  }
}
