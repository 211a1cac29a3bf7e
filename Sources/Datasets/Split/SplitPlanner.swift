import Compute

extension Split {
  /// Splits items by source, each part with approximately its fraction of every label, data set and method.
  ///
  /// Groups that occur together in one item stay together. The largest such clusters are placed first, each where it
  /// brings the fractions of its strata closest to the target; clusters with a prescribed part are placed before all.
  /// Of a data set that prescribes its test part, nothing else is placed there.
  ///
  /// - Parameters:
  ///   - items: all items, in a fixed order.
  ///   - seed: breaks ties between clusters of equal size.
  ///   - allowsLeakage: if a data set prescribes two parts for a cluster, uses the test part instead of throwing.
  /// - Throws: `DatasetsError.leakage`; `split` when there is nothing to split.
  public static func make(
    _ items: [LabelledItem], fractions: Fractions = .standard, seed: UInt64, allowsLeakage: Bool = false
  ) throws(DatasetsError) -> Split {
    guard !items.isEmpty else { throw .split("there are no items to split") }
    guard [fractions.train, fractions.validation, fractions.test].allSatisfy({ $0.isFinite && $0 >= 0 }),
      fractions.train > 0
    else {
      throw .split("the fractions of a split must not be negative, and train must not be empty")
    }
    let clusters = SourceCluster.clusters(of: items)
    if !allowsLeakage {
      let conflicts = clusters.filter { $0.fixedParts.count > 1 }
      guard conflicts.isEmpty else {
        throw .leakage(
          conflicts.map { cluster in
            let parts = cluster.fixedParts.map(\.rawValue).sorted().joined(separator: " and ")
            return DatasetProblem(
              .leakage, cluster.groups[0], "is in \(parts) by the parts that the data sets prescribe")
          })
      }
    }
    var balance = PartBalance(clusters: clusters, fractions: fractions)
    var parts: [String: Part] = [:]
    func place(_ cluster: SourceCluster, _ part: Part) {
      balance.add(cluster, to: part)
      for group in cluster.groups { parts[group] = part }
    }
    var free: [SourceCluster] = []
    for cluster in clusters {
      if let fixed = cluster.fixedParts.contains(.test) ? .test : cluster.fixedParts.first {
        place(cluster, fixed)
      } else {
        free.append(cluster)
      }
    }
    var generator = SeededGenerator(seed: seed)
    let keyed = free.map { (cluster: $0, key: generator.next()) }
    let tested = Set(items.filter { $0.fixedPart == .test }.map(\.trainingDataset))
    for (cluster, _) in keyed.sorted(by: { ($1.cluster.size, $0.key) < ($0.cluster.size, $1.key) }) {
      let parts = cluster.datasets.isDisjoint(with: tested) ? Part.allCases : [.train, .validation]
      place(cluster, balance.best(of: parts, for: cluster))
    }
    return Split(seed: seed, fractions: fractions, parts: parts)
  }
}

/// Distances of the parts from their target sizes while a split is being made.
private struct PartBalance {
  private var totals: [String: Double] = [:]
  private var counts: [Part: [String: Double]] = [:]
  private let fractions: Split.Fractions

  init(clusters: [SourceCluster], fractions: Split.Fractions) {
    self.fractions = fractions
    for cluster in clusters { totals.merge(cluster.strata.mapValues(Double.init), uniquingKeysWith: +) }
  }

  mutating func add(_ cluster: SourceCluster, to part: Part) {
    counts[part, default: [:]].merge(cluster.strata.mapValues(Double.init), uniquingKeysWith: +)
  }

  /// The one of some parts whose deficit in the cluster's strata the cluster reduces most.
  func best(of parts: [Part], for cluster: SourceCluster) -> Part {
    var best = Part.train
    var bestGain = -Double.infinity
    for part in parts where fractions.fraction(part) > 0 {
      let gain = gain(of: cluster, in: part)
      if gain > bestGain { (best, bestGain) = (part, gain) }
    }
    return best
  }

  /// Decrease of the squared distance from the target, summed over strata, each as a fraction of its total and relative
  /// to the part's fraction, so that small parts and rare methods have the same weight as large ones.
  private func gain(of cluster: SourceCluster, in part: Part) -> Double {
    let fraction = fractions.fraction(part)
    return cluster.strata.sorted { $0.key < $1.key }.reduce(0) { sum, stratum in
      let total = totals[stratum.key] ?? 1
      let before = (counts[part]?[stratum.key] ?? 0) / total - fraction
      let after = before + Double(stratum.value) / total
      return sum + (before * before - after * after) / fraction
    }
  }
}
