import Compute

/// Features of many pictures, one picture a row.
public struct FeatureTable: Sendable, Hashable {
  /// Features of a picture.
  public let width: Int
  /// `[rows, width]`.
  public let values: [Double]

  /// - Precondition: `width` divides the number of values.
  public init(width: Int, values: [Double]) {
    precondition(width > 0 && values.count % width == 0, "\(values.count) values are no rows of \(width)")
    self.width = width
    self.values = values
  }

  public var rows: Int { values.count / width }

  /// Some of the rows, in that order; rows may come again.
  public func selecting(_ indices: [Int]) -> FeatureTable {
    FeatureTable(width: width, values: indices.flatMap { values[($0 * width)..<(($0 + 1) * width)] })
  }

  /// Squared Euclidean distances of this table's rows to another's, `[rows, other.rows]`.
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
          let place = row * ofOther.count + column
          // Rounding can leave a little less than nothing.
          distances[place] = max(0, distances[place] + ofThis[row] + ofOther[column])
        }
      }
    }
    return distances
  }

  private var squaredLengths: [Double] {
    (0..<rows).map { row in values[(row * width)..<((row + 1) * width)].reduce(0) { $0 + $1 * $1 } }
  }
}
