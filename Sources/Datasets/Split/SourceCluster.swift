/// Groups that must stay together because some items show several of them, and the strata of their items.
struct SourceCluster {
  /// Sorted, at least one.
  var groups: [String]
  /// Number of items per label, data set and method.
  var strata: [String: Int]
  var fixedParts: Set<Part>
  var datasets: Set<String>

  /// Number of items.
  var size: Int { strata.values.reduce(0, +) }

  /// Clusters in the order of their first group's name.
  static func clusters(of items: [LabelledItem]) -> [SourceCluster] {
    var links = GroupLinks()
    for item in items {
      links.insert(item.group)
      for kin in item.kin { links.join(item.group, kin) }
    }
    var clusters: [String: SourceCluster] = [:]
    for group in links.groups {
      clusters[links.root(of: group), default: SourceCluster(groups: [], strata: [:], fixedParts: [], datasets: [])]
        .groups.append(group)
    }
    for item in items {
      let stratum = "\(item.label)/\(item.dataset)/\(item.method)"
      let root = links.root(of: item.group)
      clusters[root]?.strata[stratum, default: 0] += 1
      clusters[root]?.datasets.insert(item.trainingDataset)
      if let part = item.fixedPart { clusters[root]?.fixedParts.insert(part) }
    }
    return clusters.values.sorted { $0.groups[0] < $1.groups[0] }
  }
}

/// Union–find over group names (Galler and Fischer 1964).
private struct GroupLinks {
  private var parents: [String: String] = [:]

  /// All names, sorted.
  var groups: [String] { parents.keys.sorted() }

  mutating func insert(_ group: String) {
    if parents[group] == nil { parents[group] = group }
  }

  mutating func join(_ first: String, _ second: String) {
    insert(first)
    insert(second)
    let (a, b) = (root(of: first), root(of: second))
    // The smaller name is the root, so that the result does not depend on the order of merging.
    if a != b { parents[max(a, b)] = min(a, b) }
  }

  func root(of group: String) -> String {
    var group = group
    while let parent = parents[group], parent != group { group = parent }
    return group
  }
}
