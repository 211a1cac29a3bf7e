package import Imaging
import Media
import Synchronization

/// Idle H.264 coders, of the most recently used kinds.
package final class CoderPool: Sendable {
  /// Configuration of a coder.
  private struct Kind: Hashable {
    var width: Int
    var height: Int
    var quantiser: Int
  }

  /// Stores a non-copyable coder in a dictionary. Used by one thread at a time: the one that took it out.
  private final class Slot: @unchecked Sendable {
    var coder: H264RoundTrip

    init(_ coder: consuming H264RoundTrip) { self.coder = coder }
  }

  private struct Free {
    var slots: [Kind: [Slot]] = [:]
    /// Least recently used kind first.
    var order: [Kind] = []
  }

  /// Maximum number of kinds to keep; pictures of a set have one size, faces of a video have many.
  private static let mostKinds = 64
  private let free = Mutex(Free())

  package init() {}

  package func compress(_ crop: Frame, quantiser: Int) throws -> Frame {
    let kind = Kind(width: crop.width, height: crop.height, quantiser: quantiser)
    let kept = free.withLock { $0.slots[kind]?.popLast() }
    let slot = try kept ?? Slot(H264RoundTrip(width: crop.width, height: crop.height, quantiser: quantiser))
    let result = try slot.coder.apply(to: crop)
    free.withLock { free in
      free.slots[kind, default: []].append(slot)
      free.order.removeAll { $0 == kind }
      free.order.append(kind)
      if free.order.count > Self.mostKinds { free.slots[free.order.removeFirst()] = nil }
    }
    return result
  }
}
