package import Imaging
import Media
import Synchronization

/// H.264 coders that no thread uses at the moment, the most recent of them.
package final class CoderPool: Sendable {
  /// What a coder is made for.
  private struct Kind: Hashable {
    var width: Int
    var height: Int
    var quantiser: Int
  }

  /// Lets a coder, which cannot be copied, lie in a dictionary. Used by one thread at a time: whoever took it out.
  private final class Slot: @unchecked Sendable {
    var coder: H264RoundTrip

    init(_ coder: consuming H264RoundTrip) { self.coder = coder }
  }

  private struct Free {
    var slots: [Kind: [Slot]] = [:]
    /// From the kind used longest ago.
    var order: [Kind] = []
  }

  /// Kinds of coders that are kept; pictures of a set have one size, faces of a film many.
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
