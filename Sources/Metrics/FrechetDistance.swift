public import Compute

/// Fréchet distance of two sets of pictures in a network's features, modelled as Gaussians (Heusel et al.
/// 2017): `‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁Σ₂)^½)`.
///
/// Values depend on the network and increase for smaller sets (Chong and Forsyth 2020): compare only values of the same
/// network and number of pictures.
public enum FrechetDistance {
  /// - Returns: at least 0 up to rounding; nil with fewer than two rows in a table.
  /// - Throws: `ComputeError.lapack` when features are not finite.
  public static func between(_ first: FeatureTable, _ second: FeatureTable) throws(ComputeError) -> Double? {
    precondition(first.width == second.width, "\(first.width) and \(second.width) features")
    guard first.rows > 1, second.rows > 1 else { return nil }
    let (a, b) = (NormalMoments(first), NormalMoments(second))
    let n = first.width
    let means = zip(a.mean, b.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let traces = (0..<n).reduce(0) { $0 + a.covariance[$1 * n + $1] + b.covariance[$1 * n + $1] }
    return means + traces - 2 * (try rootTrace(a.covariance, b.covariance, n))
  }

  /// tr((Σ₁Σ₂)^½): with Σ₁ = V Λ Vᵀ, the sum of the square roots of the eigenvalues of the symmetric Λ^½ Vᵀ Σ₂ V Λ^½.
  private static func rootTrace(_ first: [Double], _ second: [Double], _ n: Int) throws(ComputeError) -> Double {
    let (values, vectors) = try SymmetricMatrix.largestEigenvectors(of: first, rows: n, count: n)
    // Rows of `half` are the eigenvectors times the square roots of their eigenvalues.
    var half = vectors
    for row in 0..<n {
      let root = max(values[row], 0).squareRoot()
      for column in 0..<n { half[row * n + column] *= root }
    }
    var part = [Double](repeating: 0, count: n * n)
    var middle = part
    half.withUnsafeBufferPointer { half in
      second.withUnsafeBufferPointer { second in
        part.withUnsafeMutableBufferPointer { part in
          middle.withUnsafeMutableBufferPointer { middle in
            guard let half = half.baseAddress, let second = second.baseAddress, let part = part.baseAddress,
              let middle = middle.baseAddress
            else { return }
            MatrixProduct.multiply(m: n, n: n, k: n, half, second, into: part)
            MatrixProduct.multiply(m: n, n: n, k: n, UnsafePointer(part), half, transposeB: true, into: middle)
          }
        }
      }
    }
    return try SymmetricMatrix.eigenvalues(of: middle, rows: n).reduce(0) { $0 + max($1, 0).squareRoot() }
  }
}

/// Mean and covariance of a table's rows; the covariance is unbiased (divided by rows - 1).
private struct NormalMoments {
  var mean: [Double]
  var covariance: [Double]

  init(_ table: FeatureTable) {
    let (rows, width) = (table.rows, table.width)
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<rows {
      for column in 0..<width { mean[column] += table.values[row * width + column] }
    }
    for column in 0..<width { mean[column] /= Double(rows) }
    var centred = table.values
    for row in 0..<rows {
      for column in 0..<width { centred[row * width + column] -= mean[column] }
    }
    var covariance = [Double](repeating: 0, count: width * width)
    centred.withUnsafeBufferPointer { x in
      covariance.withUnsafeMutableBufferPointer { target in
        guard let x = x.baseAddress, let target = target.baseAddress else { return }
        MatrixProduct.multiply(
          m: width, n: width, k: rows, alpha: 1 / Double(rows - 1), x, transposeA: true, x, into: target)
      }
    }
    self.mean = mean
    self.covariance = covariance
  }
}
