import Synchronization

/// Errors that end a run, from any thread; the first one is reported to the user.
package final class FaultLog: Sendable {
  private let errors = Mutex<[any Error]>([])

  package var first: (any Error)? { errors.withLock { $0.first } }

  package init() {}

  package func record(_ error: any Error) {
    errors.withLock { $0.append(error) }
  }
}
