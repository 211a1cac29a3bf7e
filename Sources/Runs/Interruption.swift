import Dispatch
import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into a flag that long jobs poll between steps.
///
/// The first signal requests a clean exit; a second one ends the process at once. There is one instance per process.
package final class Interruption: Sendable {
  package static let shared = Interruption()

  private struct State {
    var signal: Int32?
    var since: Double?
    var handlers: [@Sendable () -> Void] = []
    var sources: [any DispatchSourceSignal] = []
  }
  private let state = Mutex(State())

  /// The signal that requested the exit; nil if there was none.
  package var signal: Int32? { state.withLock { $0.signal } }

  /// When it came, on the clock of `monotonicSeconds`; nil if there was none.
  package var since: Double? { state.withLock { $0.since } }

  /// Whether the job should exit after its current step.
  package var isRequested: Bool { signal != nil }

  /// Starts catching the two signals; without this call the process keeps their default action.
  package func install() {
    let queue = DispatchQueue(label: "assay.signals")
    state.withLock { state in
      guard state.sources.isEmpty else { return }
      for number in [SIGINT, SIGTERM] {
        Glibc.signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { [self] in receive(number) }
        source.activate()
        state.sources.append(source)
      }
    }
  }

  /// Runs `handler` when the first signal arrives, or at once if it already has.
  package func onRequest(_ handler: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      if state.signal == nil { state.handlers.append(handler) }
      return state.signal != nil
    }
    if isLate { handler() }
  }

  /// Handles a signal; tests call it directly.
  package func receive(_ number: Int32) {
    let handlers: [@Sendable () -> Void]? = state.withLock { state in
      guard state.signal == nil else { return nil }
      state.signal = number
      state.since = monotonicSeconds()
      return state.handlers
    }
    if let handlers {
      for handler in handlers { handler() }
    } else {
      _exit(128 + number)
    }
  }
}
