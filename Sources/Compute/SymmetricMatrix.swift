import COpenBLAS

/// Linear algebra of dense symmetric matrices in double precision, by LAPACK.
public enum SymmetricMatrix {
  /// Solves `a · x = b` for a positive definite `a`, by Cholesky decomposition.
  ///
  /// - Parameters:
  ///   - a: `[n, n]`.
  ///   - b: `[n]`.
  /// - Throws: `ComputeError.lapack` when the matrix is not positive definite.
  public static func solve(_ a: [Double], _ b: [Double]) throws(ComputeError) -> [Double] {
    precondition(a.count == b.count * b.count, "\(a.count) values are no square matrix of \(b.count) rows")
    var (a, x, n, one, status) = (a, b, blasint(b.count), blasint(1), blasint(0))
    dposv_("L", &n, &one, &a, &n, &x, &n, &status)
    guard status == 0 else { throw .lapack(call: "dposv", status: Int(status)) }
    return x
  }

  /// The inverse of a positive definite matrix, by Cholesky decomposition.
  ///
  /// - Parameter a: `[n, n]`.
  /// - Throws: `ComputeError.lapack` when the matrix is not positive definite.
  public static func inverse(_ a: consuming [Double], rows: Int) throws(ComputeError) -> [Double] {
    precondition(a.count == rows * rows, "\(a.count) values are no square matrix of \(rows) rows")
    var (a, n, status) = (a, blasint(rows), blasint(0))
    dpotrf_("L", &n, &a, &n, &status)
    guard status == 0 else { throw .lapack(call: "dpotrf", status: Int(status)) }
    dpotri_("L", &n, &a, &n, &status)
    guard status == 0 else { throw .lapack(call: "dpotri", status: Int(status)) }
    // LAPACK is column-major: its lower triangle is the upper triangle here.
    for row in 0..<rows {
      for column in 0..<row { a[row * rows + column] = a[column * rows + row] }
    }
    return a
  }

  /// The largest eigenvalues in descending order, and their eigenvectors.
  ///
  /// - Parameters:
  ///   - a: `[n, n]`.
  ///   - count: 1…n.
  /// - Returns: `count` values, and `[count, n]` unit vectors whose largest element is positive.
  /// - Throws: `ComputeError.lapack` when the iteration does not converge.
  public static func largestEigenvectors(
    of a: [Double], rows: Int, count: Int
  ) throws(ComputeError) -> (values: [Double], vectors: [Double]) {
    precondition(a.count == rows * rows && (1...rows).contains(count), "no \(count) eigenvectors of \(a.count) values")
    var (a, n, status, found) = (a, blasint(rows), blasint(0), blasint(0))
    var (first, last) = (blasint(rows - count + 1), blasint(rows))
    var (unused, tolerance) = (0.0, 0.0)
    var values = [Double](repeating: 0, count: rows)
    var vectors = [Double](repeating: 0, count: rows * count)
    var support = [blasint](repeating: 0, count: 2 * count)
    var (workCount, integerCount) = (blasint(26 * rows), blasint(10 * rows))
    var work = [Double](repeating: 0, count: 26 * rows)
    var integers = [blasint](repeating: 0, count: 10 * rows)
    dsyevr_(
      "V", "I", "L", &n, &a, &n, &unused, &unused, &first, &last, &tolerance, &found, &values, &vectors, &n, &support,
      &work, &workCount, &integers, &integerCount, &status)
    guard status == 0, found == count else { throw .lapack(call: "dsyevr", status: Int(status)) }
    var ordered: [Double] = []
    for index in (0..<count).reversed() {
      let vector = vectors[(index * rows)..<((index + 1) * rows)]
      // The sign is arbitrary; fixing it makes the same data always give the same network.
      let largest = vector.max { abs($0) < abs($1) } ?? 0
      ordered += vector.map { largest < 0 ? -$0 : $0 }
    }
    return (values[..<count].reversed(), ordered)
  }

  /// All eigenvalues in ascending order.
  ///
  /// - Parameter a: `[n, n]`.
  /// - Throws: `ComputeError.lapack` when the iteration does not converge, for example on non-finite values.
  public static func eigenvalues(of a: [Double], rows: Int) throws(ComputeError) -> [Double] {
    precondition(a.count == rows * rows && rows > 0, "\(a.count) values are no square matrix of \(rows) rows")
    var (a, n, status, workCount) = (a, blasint(rows), blasint(0), blasint(34 * rows))
    var values = [Double](repeating: 0, count: rows)
    var work = [Double](repeating: 0, count: 34 * rows)
    dsyev_("N", "L", &n, &a, &n, &values, &work, &workCount, &status)
    guard status == 0 else { throw .lapack(call: "dsyev", status: Int(status)) }
    return values
  }
}
