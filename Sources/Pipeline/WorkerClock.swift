/// Splits one worker's time into busy, starved and blocked, with one clock reading per change.
struct WorkerClock {
  private let meter: StageMeter
  private var last = SuspendingClock.now
  private var busy = 0.0

  init(meter: StageMeter) {
    self.meter = meter
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
    let now = SuspendingClock.now
    defer { last = now }
    return (now - last) / .seconds(1)
  }
}
