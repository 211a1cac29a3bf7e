import Digests
import Foundation

/// The SHA-256 of a file's content, or why there is none.
enum FileHash {
  /// Lower-case hexadecimal.
  case complete(String)
  /// A read failed.
  case failed
  /// Reading took longer than it may.
  case timedOut

  private static let pieceBytes = 1 << 18

  /// Reads an open file to its end; its position does not change.
  init(of descriptor: CInt, timeLimitSeconds: Double) {
    let deadline = SuspendingClock.now + .seconds(timeLimitSeconds)
    var hash = SHA256()
    var offset: off_t = 0
    self = withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 64) { buffer in
      while true {
        let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
        if count == 0 { return .complete(hash.finish().hexadecimal) }
        if count < 0 {
          if errno == EINTR { continue }
          return .failed
        }
        hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        offset += off_t(count)
        if SuspendingClock.now > deadline { return .timedOut }
      }
    }
  }

  /// Nil without one.
  var text: String? {
    if case .complete(let text) = self { text } else { nil }
  }
}
