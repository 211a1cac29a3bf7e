/// Seconds that may still be spent waiting; the clock only runs inside `spend`.
struct TimeBudget {
  private(set) var remainingSeconds: Double

  init(seconds: Double) {
    remainingSeconds = seconds
  }

  /// Runs `body` with the instant at which the budget is used up, and takes off the time that it took.
  mutating func spend<Result, Failure: Error>(
    _ body: (SuspendingClock.Instant) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = SuspendingClock.now
    defer { remainingSeconds -= (SuspendingClock.now - start) / .seconds(1) }
    return try body(start + .seconds(max(0, remainingSeconds)))
  }
}

extension SuspendingClock.Instant {
  /// Milliseconds from now, rounded up and at least 0, as poll(2) takes them.
  var pollTimeoutMilliseconds: CInt {
    let milliseconds = (self - SuspendingClock.now) / .milliseconds(1)
    return CInt(min(max(0, milliseconds.rounded(.up)), Double(CInt.max)))
  }
}
