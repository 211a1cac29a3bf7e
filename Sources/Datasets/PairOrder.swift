import Compute

/// One training sample: a crop and how it is augmented.
public struct TrainingDraw: Sendable, Hashable {
  /// Position of the crop in its set.
  public var crop: Int
  /// Chooses the random numbers of the augmentations: draws with one stream are augmented alike.
  public var stream: Int
  /// Whether a real crop becomes a self-blended fake; nil leaves it to the augmentations' own probability.
  public var blends: Bool?

  /// - Parameter stream: the crop's own when nil.
  public init(_ crop: Int, stream: Int? = nil, blends: Bool? = nil) {
    self.crop = crop
    self.stream = stream ?? crop
    self.blends = blends
  }
}

/// Training in pairs: a real crop, and behind it a fake of the same source.
///
/// Pairs balance the labels, and the sources within each data set; a pair shows one person, in one light, both ways. In
/// half of the pairs both crops are augmented alike, so that what differs is the manipulation alone.
public struct PairOrder: Sendable {
  /// A source with its crops; where one class is missing, a fake is borrowed from another source of the data set.
  private struct Source: Sendable {
    var reals: [Int] = []
    var fakes: [Int] = []
  }

  private struct Pool: Sendable {
    /// Those with real crops, in a fixed order.
    var sources: [Source] = []
    var fakes: [Int] = []
    /// Share of the pairs of this pool and of those before it.
    var upTo = 0.0
  }

  private let pools: [Pool]
  private let blendedShare: Double
  private let seed: UInt64

  /// - Parameters:
  ///   - items: of all crops.
  ///   - indices: the crops to draw.
  ///   - mix: weight of each data set; those without one get no pairs. Empty: each by the number of its sources.
  ///   - blendedShare: share of the pairs whose fake is the real crop blended with itself, 0…1.
  /// - Throws: `DatasetsError.split` when a data set has no real crops, or no fakes where these are needed.
  public init(
    items: [LabelledItem], indices: [Int], mix: [String: Double] = [:], blendedShare: Double, seed: UInt64
  ) throws(DatasetsError) {
    precondition((0...1).contains(blendedShare), "a blended share of \(blendedShare) is not in 0…1")
    let datasets = Dictionary(grouping: indices, by: { items[$0].dataset })
    if let unknown = mix.keys.sorted().first(where: { datasets[$0] == nil }) {
      throw .split(
        "there is no training crop of the data set '\(unknown)'; there are \(datasets.keys.sorted().joined(separator: ", "))"
      )
    }
    var pools: [Pool] = []
    var total = 0.0
    for (name, crops) in datasets.sorted(by: { $0.key < $1.key }) {
      var pool = Pool()
      for (_, crops) in Dictionary(grouping: crops, by: { items[$0].group }).sorted(by: { $0.key < $1.key }) {
        var source = Source()
        for crop in crops {
          if items[crop].label == .real { source.reals.append(crop) } else { source.fakes.append(crop) }
        }
        pool.fakes += source.fakes
        if !source.reals.isEmpty { pool.sources.append(source) }
      }
      let weight = mix.isEmpty ? Double(pool.sources.count) : mix[name] ?? 0
      guard weight > 0 else { continue }
      guard !pool.sources.isEmpty, !pool.fakes.isEmpty || blendedShare == 1 else {
        throw .split("the training part of '\(name)' lacks real or fake crops to make pairs of")
      }
      total += weight
      pool.upTo = total
      pools.append(pool)
    }
    guard total > 0 else { throw .split("no data set has a share of the pairs") }
    self.pools = pools.map { pool in
      var pool = pool
      pool.upTo /= total
      return pool
    }
    self.blendedShare = blendedShare
    self.seed = seed
  }

  /// The draws of one epoch, real and fake in turn; the same seed and epoch give the same ones.
  public func epoch(_ epoch: Int, pairs: Int) -> [TrainingDraw] {
    var rounds: [Int: [Int]] = [:]
    return (epoch * pairs..<(epoch + 1) * pairs).flatMap { pair in
      var generator = SeededGenerator(seed: seed, path: [2, UInt64(pair)])
      let choice = Double(generator.uniform())
      let place = pools.firstIndex { choice < $0.upTo } ?? pools.count - 1
      let pool = pools[place]
      let source = pool.sources[turn(of: place, pair: pair, pool.sources.count, &rounds)]
      let real = generator.pick(source.reals)
      let isBlended = generator.chance(blendedShare)
      let isAlike = generator.chance(0.5)
      let fake = isBlended ? real : generator.pick(source.fakes.isEmpty ? pool.fakes : source.fakes)
      return [
        TrainingDraw(real, stream: 2 * pair, blends: false),
        TrainingDraw(fake, stream: isAlike ? 2 * pair : 2 * pair + 1, blends: isBlended),
      ]
    }
  }

  /// The source that a pair of a pool shows: shuffled rounds over all, so that none comes twice before all came once.
  ///
  /// Rounds follow the pair's number, not how many pairs the pool had: pools then need no memory of earlier epochs. Of
  /// `count` pairs in a row a pool with a share below 1 leaves some sources out, other ones in each round.
  private func turn(of place: Int, pair: Int, _ count: Int, _ rounds: inout [Int: [Int]]) -> Int {
    let round = pair / count
    let key = place << 40 | round
    if let order = rounds[key] { return order[pair % count] }
    var order = Array(0..<count)
    var generator = SeededGenerator(seed: seed, path: [3, UInt64(place), UInt64(round)])
    generator.shuffle(&order)
    rounds[key] = order
    return order[pair % count]
  }
}

extension SeededGenerator {
  /// Fisher and Yates, spelt out: the standard library does not promise the same order in every version.
  mutating func shuffle(_ items: inout [Int]) {
    for last in items.indices.dropFirst().reversed() {
      let other = Int(next().multipliedFullWidth(by: UInt64(last + 1)).high)
      items.swapAt(last, other)
    }
  }
}
