import Compute

/// A training sample: a crop and its augmentation.
public struct TrainingDraw: Sendable, Hashable {
  /// Index of the crop in its set.
  public var crop: Int
  /// Selects the augmentations' random numbers: draws with the same stream have the same augmentation.
  public var stream: Int
  /// Whether a real crop becomes a self-blended fake; nil uses the augmentations' own probability.
  public var blends: Bool?

  /// - Parameter stream: defaults to the crop's own.
  public init(_ crop: Int, stream: Int? = nil, blends: Bool? = nil) {
    self.crop = crop
    self.stream = stream ?? crop
    self.blends = blends
  }
}

/// Training in pairs: a real crop, followed by a fake of the same source.
///
/// Pairs balance the labels, and the sources within each data set; a pair shows one person in the same light, real and
/// fake. In half of the pairs both crops have the same augmentation, so that only the manipulation differs.
public struct PairOrder: Sendable {
  /// A source with its crops; without fakes of its own, a pair takes one from another source of the data set.
  private struct Source: Sendable {
    var reals: [Int] = []
    var fakes: [Int] = []
  }

  private struct Pool: Sendable {
    /// Sources with real crops, in a fixed order.
    var sources: [Source] = []
    var fakes: [Int] = []
    /// Cumulative fraction of the pairs, up to and including this pool.
    var upTo = 0.0
  }

  private let pools: [Pool]
  private let blendedFraction: Double
  private let seed: UInt64

  /// - Parameters:
  ///   - items: items of all crops.
  ///   - indices: the crops to draw.
  ///   - mix: weight of each data set; data sets without one get no pairs. Empty: weighted by their numbers of sources.
  ///   - blendedShare: fraction of the pairs whose fake is the self-blended real crop, 0…1.
  /// - Throws: `DatasetsError.split` when a data set has no real crops, or no fakes although they are needed.
  public init(
    items: [LabelledItem], indices: [Int], mix: [String: Double] = [:], blendedFraction: Double, seed: UInt64
  ) throws(DatasetsError) {
    precondition((0...1).contains(blendedFraction), "a blended share of \(blendedFraction) is not in 0…1")
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
      guard !pool.sources.isEmpty, !pool.fakes.isEmpty || blendedFraction == 1 else {
        throw .split("the training part of '\(name)' lacks real or fake crops for pairs")
      }
      total += weight
      pool.upTo = total
      pools.append(pool)
    }
    guard total > 0 else { throw .split("all data sets have a weight of 0") }
    self.pools = pools.map { pool in
      var pool = pool
      pool.upTo /= total
      return pool
    }
    self.blendedFraction = blendedFraction
    self.seed = seed
  }

  /// The draws of one epoch, alternately real and fake; the same seed and epoch give the same draws.
  public func epoch(_ epoch: Int, pairs: Int) -> [TrainingDraw] {
    var rounds: [Int: [Int]] = [:]
    return (epoch * pairs..<(epoch + 1) * pairs).flatMap { pair in
      var generator = SeededGenerator(seed: seed, path: [2, UInt64(pair)])
      let choice = Double(generator.uniform())
      let index = pools.firstIndex { choice < $0.upTo } ?? pools.count - 1
      let pool = pools[index]
      let source = pool.sources[turn(of: index, pair: pair, pool.sources.count, &rounds)]
      let real = generator.pick(source.reals)
      let isBlended = generator.chance(blendedFraction)
      let isAlike = generator.chance(0.5)
      let fake = isBlended ? real : generator.pick(source.fakes.isEmpty ? pool.fakes : source.fakes)
      return [
        TrainingDraw(real, stream: 2 * pair, blends: false),
        TrainingDraw(fake, stream: isAlike ? 2 * pair : 2 * pair + 1, blends: isBlended),
      ]
    }
  }

  /// The source for a pair of a pool: shuffled rounds over all sources, so that none repeats before all have occurred.
  ///
  /// Rounds depend on the pair's index, not on the pool's number of pairs, so pools need no state from earlier epochs.
  /// Of `count` consecutive pairs, a pool with a fraction below 1 omits some sources, different ones in each round.
  private func turn(of index: Int, pair: Int, _ count: Int, _ rounds: inout [Int: [Int]]) -> Int {
    let round = pair / count
    let key = index << 40 | round
    if let order = rounds[key] { return order[pair % count] }
    var order = Array(0..<count)
    var generator = SeededGenerator(seed: seed, path: [3, UInt64(index), UInt64(round)])
    generator.shuffle(&order)
    rounds[key] = order
    return order[pair % count]
  }
}

extension SeededGenerator {
  /// Fisher–Yates shuffle, implemented here because the standard library's order may change between versions.
  mutating func shuffle(_ items: inout [Int]) {
    for last in items.indices.dropFirst().reversed() {
      let other = Int(next().multipliedFullWidth(by: UInt64(last + 1)).high)
      items.swapAt(last, other)
    }
  }
}
