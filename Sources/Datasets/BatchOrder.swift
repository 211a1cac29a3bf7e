import Compute

/// The order in which training visits a part's items; it differs in each epoch.
public struct BatchOrder: Sendable {
  /// Sampling frequency of each class.
  public enum Balance: Sendable, Hashable {
    /// Every item once per epoch.
    case asIs
    /// Equally many real and fake items after augmentation: some items of the rarer class occur more than once, some of
    /// the more frequent one are deferred to later epochs.
    ///
    /// `blendedShare`, 0..<1, is the fraction of real crops that self-blending turns into fakes; real crops are drawn
    /// more often to compensate.
    case equal(blendedFraction: Double)
  }

  private let reals: [Int]
  private let fakes: [Int]
  private let balance: Balance
  private let seed: UInt64
  private let length: Int

  /// - Parameters:
  ///   - labels: labels of all items, by index.
  ///   - indices: the items to draw.
  ///   - length: number of indices per epoch, for `Balance.equal` only; nil: the number of items.
  public init(labels: [Label], indices: [Int], balance: Balance = .asIs, length: Int? = nil, seed: UInt64) {
    if case .equal(let fraction) = balance {
      precondition((0..<1).contains(fraction), "a blended share of \(fraction) leaves no real crops")
    }
    reals = indices.filter { labels[$0] == .real }
    fakes = indices.filter { labels[$0] == .fake }
    self.balance = balance
    self.seed = seed
    self.length = length ?? indices.count
  }

  /// Indices of one epoch; the same seed and epoch give the same order.
  public func epoch(_ epoch: Int) -> [Int] {
    var generator = SeededGenerator(seed: seed, path: [UInt64(epoch)])
    let total = length
    var order: [Int]
    if case .equal(let blendedFraction) = balance, !reals.isEmpty, !fakes.isEmpty {
      // real · (1 - blended) = total / 2; if more than half are blended, there is no room for other fakes.
      let realCount = min(Int((Double(total) / 2 / (1 - blendedFraction)).rounded()), total)
      order = drawn(reals, count: realCount, epoch: epoch, stream: 0)
      order += drawn(fakes, count: total - realCount, epoch: epoch, stream: 1)
    } else {
      order = reals + fakes
    }
    generator.shuffle(&order)
    return order
  }

  /// The next `count` items of cycles through a class: over the epochs, item counts differ by at most one.
  private func drawn(_ items: [Int], count: Int, epoch: Int, stream: UInt64) -> [Int] {
    var drawn: [Int] = []
    drawn.reserveCapacity(count)
    var position = epoch * count
    while drawn.count < count {
      let round = position / items.count
      var generator = SeededGenerator(seed: seed, path: [1, stream, UInt64(round)])
      var shuffled = items
      generator.shuffle(&shuffled)
      let start = position % items.count
      let part = shuffled[start..<min(items.count, start + count - drawn.count)]
      drawn += part
      position += part.count
    }
    return drawn
  }
}
