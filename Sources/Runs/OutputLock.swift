import Files
import Foundation
import Glibc

/// Keeps a second run out of an output folder or a ledger for as long as this value lives.
///
/// The lock is the kernel's (`flock`), so it goes with the process however that ends.
package struct OutputLock: ~Copyable {
  private let descriptor: Int32

  /// Makes the folder when it is missing and takes its lock.
  ///
  /// - Throws: `WorkflowError.locked` when another run holds it, `.output` when the folder cannot be used.
  package init(folder: String) throws(WorkflowError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .output(path: folder, why: explanation(of: error))
    }
    descriptor = try Self.take(folder + "/.assay.lock", of: folder)
  }

  /// Takes the lock of a ledger, a file beside it: a lock on the ledger itself would meet SQLite's own.
  ///
  /// - Throws: as above.
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
