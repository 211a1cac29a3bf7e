import Synchronization

/// Errors that end a run, from whatever thread they come; the first one is what the user is told.
package final class FaultLog: Sendable {
  private let errors = Mutex<[any Error]>([])

  package var first: (any Error)? { errors.withLock { $0.first } }

  package init() {}

  package func record(_ error: any Error) {
    errors.withLock { $0.append(error) }
  }
}
