import Files
import Foundation
import Glibc

/// Excludes other runs from an output folder or a ledger during this value's lifetime.
///
/// It is a kernel lock (`flock`), so it is released however the process ends.
package struct OutputLock: ~Copyable {
  private let descriptor: Int32

  /// Creates the folder if it is missing and locks it.
  ///
  /// - Throws: `WorkflowError.locked` when another run holds the lock, `.output` when the folder cannot be used.
  package init(folder: String) throws(WorkflowError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .output(path: folder, why: explanation(of: error))
    }
    descriptor = try Self.take(folder + "/.assay.lock", of: folder)
  }

  /// Locks a ledger through a file beside it, because locking the ledger itself would interfere with SQLite.
  ///
  /// - Throws: like `init(folder:)`.
  package init(ledger: String) throws(WorkflowError) {
    descriptor = try Self.take(ledger + ".lock", of: ledger)
  }

  deinit {
    close(descriptor)
  }

  private static func take(_ path: String, of subject: String) throws(WorkflowError) -> Int32 {
    let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .output(path: path, why: explanation(ofErrno: errno)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let why = explanation(ofErrno: errno)
      close(descriptor)
      throw isHeld ? .locked(path: subject) : .output(path: path, why: why)
    }
    return descriptor
  }
}
