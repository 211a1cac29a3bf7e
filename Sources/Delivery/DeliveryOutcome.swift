/// What came of one attempt to hand something over.
public enum DeliveryOutcome: Sendable, Hashable {
  case accepted
  /// The receiver does not want it; trying again at once makes no sense.
  case refused(why: String)
  /// It is not known that the receiver has it: to be tried again.
  ///
  /// - Parameter afterSeconds: what the receiver asks to wait; nil when it asks for nothing.
  case unfinished(why: String, afterSeconds: Double?)
  /// There is no receiver: a command that does not exist, an address where nobody answers. Trying again at once makes
  /// no sense.
  case absent(why: String)
}

/// How long to wait between attempts: longer each time, and never quite as long as others do.
///
/// Exponential back-off with "equal jitter": half of the wait is fixed, half is random, so that many senders do not
/// come back at the same instant.
public struct BackOff: Sendable {
  /// Attempts in all, at least 1.
  public var attempts: Int
  /// Before the second attempt, in seconds; each later wait is twice as long.
  public var firstSeconds: Double
  public var longestSeconds: Double

  public init(attempts: Int = 6, firstSeconds: Double = 1, longestSeconds: Double = 60) {
    self.attempts = attempts
    self.firstSeconds = firstSeconds
    self.longestSeconds = longestSeconds
  }

  /// - Parameters:
  ///   - failures: attempts that have failed, at least 1.
  ///   - asked: what the receiver asks for; at most ten times the longest wait is granted.
  /// - Returns: seconds to wait; nil when there is no further attempt.
  public func wait(after failures: Int, asked: Double?) -> Double? {
    guard failures < attempts else { return nil }
    let full = min(longestSeconds, firstSeconds * Double(1 << min(failures - 1, 30)))
    let own = full / 2 + Double.random(in: 0...1) * full / 2
    return max(own, min(asked ?? 0, 10 * longestSeconds))
  }
}
