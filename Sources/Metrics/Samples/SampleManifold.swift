/// Where a set of pictures lies in a network's features: within the distance of each one to its k-th nearest neighbour in
/// the set (Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric").
///
/// Precision is the share of generated pictures that lie in the manifold of real ones, recall the share of real ones that
/// lie in that of generated ones.
public struct SampleManifold: Sendable {
  private let table: FeatureTable
  /// Squared distance of each row to its k-th nearest neighbour.
  private let radii: [Double]

  /// - Parameter neighbours: k, 3 in the paper; at least one less than there are rows.
  public init(of table: FeatureTable, neighbours: Int = 3) {
    precondition(neighbours > 0 && table.rows > neighbours, "no \(neighbours) neighbours among \(table.rows) rows")
    self.table = table
    let distances = table.squaredDistances(to: table)
    let rows = table.rows
    radii = (0..<rows).map { row in
      var others = Array(distances[(row * rows)..<((row + 1) * rows)])
      // Its own distance is nothing but rounding.
      others.remove(at: row)
      return others.sorted()[neighbours - 1]
    }
  }

  /// Whether each of other pictures lies in the manifold.
  public func contains(_ others: FeatureTable) -> [Bool] {
    let distances = others.squaredDistances(to: table)
    return (0..<others.rows).map { row in
      radii.indices.contains { distances[row * radii.count + $0] <= radii[$0] }
    }
  }
}
