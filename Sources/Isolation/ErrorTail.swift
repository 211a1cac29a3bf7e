import CPosix
import Glibc

/// Keeps the end of what a child writes to standard error. The pipe never blocks the child: what nobody reads is lost.
final class ErrorTail {
  static let keptBytes = 4096
  private let descriptor: Descriptor
  private var kept: [UInt8] = []
  private var isOpen = true

  init(reading descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  /// What to poll, or -1 once the child has closed its end.
  var pollable: CInt { isOpen ? descriptor.raw : -1 }

  var text: String { String(decoding: kept, as: UTF8.self) }

  /// Reads what is there, but not more than 64 KiB: a child that floods the pipe must not keep its parent busy.
  func drain() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<16 where isOpen {
      let count = read(descriptor.raw, &buffer, buffer.count)
      if count > 0 {
        kept = (kept + buffer.prefix(count)).suffix(Self.keptBytes)
      } else if count == 0 {
        isOpen = false
      } else {
        return
      }
    }
  }
}
