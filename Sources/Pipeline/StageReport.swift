import Synchronization

/// What one stage has done so far, summed over its workers.
///
/// The stage with the greatest `busySeconds / workers` is the one that limits the run.
public struct StageReport: Sendable, Hashable {
  public let name: String
  public let workers: Int
  /// Items taken from the input, and items handed on.
  public var itemsIn = 0
  public var itemsOut = 0
  /// Items whose processing threw.
  public var failures = 0
  /// Wall time in the stage's own code.
  public var busySeconds = 0.0
  /// Wall time spent waiting for an input item.
  public var starvedSeconds = 0.0
  /// Wall time spent waiting for room in the next queue.
  public var blockedSeconds = 0.0

  public init(name: String, workers: Int) {
    self.name = name
    self.workers = workers
  }
}

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

/// Splits one worker's time into busy, starved and blocked, with one clock reading per change.
struct WorkerClock {
  private let meter: StageMeter
  private let now: () -> SuspendingClock.Instant
  private var last: SuspendingClock.Instant
  private var busy = 0.0

  /// - Parameter now: the current time.
  init(meter: StageMeter, now: @escaping () -> SuspendingClock.Instant = { .now }) {
    self.meter = meter
    self.now = now
    last = now()
  }

  mutating func stopWaitingForInput() {
    let seconds = lap()
    meter.add { $0.starvedSeconds += seconds }
  }

  mutating func startWaitingForRoom() {
    busy += lap()
  }

  mutating func stopWaitingForRoom(itemsOut: Int) {
    let seconds = lap()
    meter.add {
      $0.blockedSeconds += seconds
      $0.itemsOut += itemsOut
    }
  }

  /// Adds the busy time since the last call to the meter.
  mutating func endItem(itemsIn: Int, failures: Int) {
    let seconds = busy + lap()
    busy = 0
    meter.add {
      $0.busySeconds += seconds
      $0.itemsIn += itemsIn
      $0.failures += failures
    }
  }

  private mutating func lap() -> Double {
    let now = now()
    defer { last = now }
    return (now - last) / .seconds(1)
  }
}
