import Compute

/// Features of many pictures, one row per picture.
public struct FeatureTable: Sendable, Hashable {
  /// Features per picture.
  public let width: Int
  /// `[rows, width]`.
  public let values: [Double]

  /// - Precondition: `width` divides the number of values.
  public init(width: Int, values: [Double]) {
    precondition(width > 0 && values.count % width == 0, "\(values.count) values are not rows of \(width)")
    self.width = width
    self.values = values
  }

  public var rows: Int { values.count / width }

  /// A selection of the rows, in that order; rows may repeat.
  public func selecting(_ indices: [Int]) -> FeatureTable {
    FeatureTable(width: width, values: indices.flatMap { values[($0 * width)..<(($0 + 1) * width)] })
  }

  /// Squared Euclidean distances between this table's rows and another's, `[rows, other.rows]`.
  public func squaredDistances(to other: FeatureTable) -> [Double] {
    precondition(width == other.width, "\(width) and \(other.width) features")
    let (ofThis, ofOther) = (squaredLengths, other.squaredLengths)
    var distances = [Double](repeating: 0, count: rows * other.rows)
    guard !distances.isEmpty else { return [] }
    distances.withUnsafeMutableBufferPointer { distances in
      values.withUnsafeBufferPointer { a in
        other.values.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let target = distances.baseAddress else { return }
          MatrixProduct.multiply(
            m: rows, n: other.rows, k: width, alpha: -2, a, b, transposeB: true, into: target)
        }
      }
      for row in ofThis.indices {
        for column in ofOther.indices {
          let index = row * ofOther.count + column
          // Rounding can make the result slightly negative.
          distances[index] = max(0, distances[index] + ofThis[row] + ofOther[column])
        }
      }
    }
    return distances
  }

  private var squaredLengths: [Double] {
    (0..<rows).map { row in values[(row * width)..<((row + 1) * width)].reduce(0) { $0 + $1 * $1 } }
  }
}

/// The manifold of a set of pictures in a network's features: the union of balls around each one that reach to its k-th
/// nearest neighbour in the set (Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric").
///
/// Precision is the fraction of generated pictures in the manifold of real ones, recall the fraction of real ones in that
/// of generated ones.
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
      // The distance to itself, which only rounding makes nonzero, is excluded.
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
