import Isolation
import Synchronization

/// Measures how the time of an epoch is spent.
package final class EpochClock: Sendable {
  private let workers: Double
  private let start = monotonicSeconds()
  private let processorStart = ResourceUsage.ofThisProcess().cpuSeconds
  private let dataSeconds = Mutex(0.0)

  package init(workers: Int) {
    self.workers = Double(workers)
  }

  /// Counts the duration of `body` as data time, on any thread.
  package func measureData(_ body: () throws -> Void) rethrows {
    let before = monotonicSeconds()
    try body()
    let spent = monotonicSeconds() - before
    dataSeconds.withLock { $0 += spent }
  }

  package var seconds: Double { monotonicSeconds() - start }

  /// Fraction of the workers' time so far spent on data.
  package var dataShare: Double { dataSeconds.withLock { $0 } / max(seconds * workers, .leastNormalMagnitude) }

  package var busyShare: Double {
    (ResourceUsage.ofThisProcess().cpuSeconds - processorStart) / max(seconds * workers, .leastNormalMagnitude)
  }
}
