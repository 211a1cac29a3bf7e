import Compute
import Datasets
import Imaging
import Media
import Synchronization

/// Compressed by libx264 and decoded: what almost all footage has gone through, most of it more than once.
///
/// Quantisers 18…42 at full strength. Coders are kept for reuse: opening one costs more than a picture.
struct H264Compression: Augmentation {
  static let name = "h264"
  let strength: Double
  private let coders = CoderPool()

  init(strength: Double = 1) {
    self.strength = strength
  }

  func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return crop }
    let quantiser = 18 + Int((Double(generator.uniform()) * 24 * strength).rounded())
    // Only a lack of memory or of libx264 gets here: training goes on with the crop as it is.
    return (try? coders.compress(crop, quantiser: quantiser)) ?? crop
  }
}

/// Coders that no thread uses at the moment.
private final class CoderPool: Sendable {
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

  private let free = Mutex<[Kind: [Slot]]>([:])

  func compress(_ crop: Frame, quantiser: Int) throws -> Frame {
    let kind = Kind(width: crop.width, height: crop.height, quantiser: quantiser)
    let kept = free.withLock { $0[kind]?.popLast() }
    let slot = try kept ?? Slot(H264RoundTrip(width: crop.width, height: crop.height, quantiser: quantiser))
    let result = try slot.coder.apply(to: crop)
    free.withLock { $0[kind, default: []].append(slot) }
    return result
  }
}
