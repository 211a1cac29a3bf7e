import Runs

/// Ends a scan in good time, at a signal or when the time budget is used up: queued videos are not begun any more, those
/// in a decoder have a grace period to be finished in, and the rest waits for the next run.
final class ScanStop: Sendable {
  static let graceSeconds = 10.0

  /// Time on the monotonic clock when the budget is used up; nil for no budget.
  let deadline: Double?

  init(deadline: Double? = nil) {
    self.deadline = deadline
  }

  /// Whether no video is begun any more. Canaries are scanned even after the deadline, because the result of the night
  /// cannot be trusted without them.
  func isStopping(forCanary isCanary: Bool = false) -> Bool { since(forCanary: isCanary) != nil }

  /// Whether videos in a decoder are given up.
  func isPastGrace(forCanary isCanary: Bool = false) -> Bool {
    since(forCanary: isCanary).map { monotonicSeconds() > $0 + Self.graceSeconds } ?? false
  }

  private func since(forCanary isCanary: Bool) -> Double? {
    let ended = isCanary ? nil : deadline.flatMap { $0 <= monotonicSeconds() ? $0 : nil }
    return [Interruption.shared.since, ended].compactMap(\.self).min()
  }
}
