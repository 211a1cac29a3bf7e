import Compute

/// The order in which training sees a part's items, another one in each epoch.
public struct BatchOrder: Sendable {
  /// How often each class is drawn.
  public enum Balance: Sendable, Hashable {
    /// Every item once an epoch.
    case asIs
    /// As many real as fake ones after augmentation: of the rarer class some items come more than once, of the more
    /// frequent one some are left to later epochs.
    ///
    /// `blendedShare`, 0..<1, is the share of real crops that self-blending turns into fakes; it takes that many more
    /// real ones.
    case equal(blendedShare: Double)
  }

  private let reals: [Int]
  private let fakes: [Int]
  private let balance: Balance
  private let seed: UInt64
  private let length: Int

  /// - Parameters:
  ///   - labels: of all items, by their index.
  ///   - indices: the items to draw.
  ///   - length: indices of an epoch, with `Balance.equal` alone; nil: as many as there are items.
  public init(labels: [Label], indices: [Int], balance: Balance = .asIs, length: Int? = nil, seed: UInt64) {
    if case .equal(let share) = balance {
      precondition((0..<1).contains(share), "a blended share of \(share) leaves no real crops")
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
    if case .equal(let blendedShare) = balance, !reals.isEmpty, !fakes.isEmpty {
      // real · (1 - blended) = total / 2; beyond a blended half there is no room for other fakes.
      let realCount = min(Int((Double(total) / 2 / (1 - blendedShare)).rounded()), total)
      order = drawn(reals, count: realCount, epoch: epoch, stream: 0)
      order += drawn(fakes, count: total - realCount, epoch: epoch, stream: 1)
    } else {
      order = reals + fakes
    }
    generator.shuffle(&order)
    return order
  }

  /// `count` items of a class that go round: over the epochs every item is seen equally often, up to one.
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
