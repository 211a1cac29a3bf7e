import Dispatch
import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into a question that long jobs ask between two steps.
///
/// The first signal asks the job to end cleanly; a second SIGINT ends the process at once, as a user who presses
/// Ctrl-C twice means it. One instance lives for the whole process.
package final class Interruption: Sendable {
  package static let shared = Interruption()

  private struct State {
    var signal: Int32?
    var handlers: [@Sendable () -> Void] = []
    var sources: [any DispatchSourceSignal] = []
  }
  private let state = Mutex(State())

  /// The signal that asked for the end; nil while none has come.
  package var signal: Int32? { state.withLock { $0.signal } }

  /// Whether the job should end after the step that it is in.
  package var isRequested: Bool { signal != nil }

  /// Begins to catch the two signals; a process that never calls this dies of them as usual.
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

  /// Runs `handler` when the first signal comes, at once when it has come already.
  package func onRequest(_ handler: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      if state.signal == nil { state.handlers.append(handler) }
      return state.signal != nil
    }
    if isLate { handler() }
  }

  /// What a signal does; tests call it without one.
  package func receive(_ number: Int32) {
    let handlers: [@Sendable () -> Void]? = state.withLock { state in
      guard state.signal == nil else { return nil }
      state.signal = number
      return state.handlers
    }
    if let handlers {
      for handler in handlers { handler() }
    } else if number == SIGINT {
      _exit(128 + number)
    }
  }
}
