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
