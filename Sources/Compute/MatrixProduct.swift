import COpenBLAS

/// Matrix products by OpenBLAS.
public enum MatrixProduct {
  /// `c = alpha · op(a) · op(b) + beta · c`, all row-major and dense.
  ///
  /// - Parameters:
  ///   - m: rows of `op(a)` and `c`.
  ///   - n: columns of `op(b)` and `c`.
  ///   - k: columns of `op(a)`, rows of `op(b)`.
  ///   - transposeA: `a` is stored `[k, m]`.
  ///   - transposeB: `b` is stored `[n, k]`.
  public static func multiply(
    m: Int, n: Int, k: Int,
    alpha: Float = 1, _ a: UnsafePointer<Float>, transposeA: Bool = false,
    _ b: UnsafePointer<Float>, transposeB: Bool = false,
    beta: Float = 0, into c: UnsafeMutablePointer<Float>
  ) {
    guard m > 0, n > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k),
      alpha, a, blasint(max(transposeA ? m : k, 1)), b, blasint(max(transposeB ? k : n, 1)),
      beta, c, blasint(n))
  }

  /// The same in double precision.
  public static func multiply(
    m: Int, n: Int, k: Int,
    alpha: Double = 1, _ a: UnsafePointer<Double>, transposeA: Bool = false,
    _ b: UnsafePointer<Double>, transposeB: Bool = false,
    beta: Double = 0, into c: UnsafeMutablePointer<Double>
  ) {
    guard m > 0, n > 0 else { return }
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k),
      alpha, a, blasint(max(transposeA ? m : k, 1)), b, blasint(max(transposeB ? k : n, 1)),
      beta, c, blasint(n))
  }
}
