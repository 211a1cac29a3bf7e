import COneDNN

/// Matrix products by oneDNN, for kernels of this target: OpenBLAS knows fewer processors, and takes code for one of 2004
/// on the others.
enum DNNMatrixProduct {
  /// One matrix, row-major.
  struct Operand {
    let start: UnsafePointer<Float>
    /// Floats from a stored row to the next.
    let stride: Int
    /// Whether the product takes its transpose.
    var isTransposed = false
  }

  /// `c = op(a) · op(b) + beta · c`.
  ///
  /// - Parameters:
  ///   - m: rows of `op(a)` and `c`.
  ///   - n: columns of `op(b)` and `c`.
  ///   - k: columns of `op(a)`, rows of `op(b)`.
  ///   - cStride: floats from a row of `c` to the next.
  static func multiply(
    m: Int, n: Int, k: Int, _ a: Operand, _ b: Operand, beta: Float, into c: UnsafeMutablePointer<Float>, cStride: Int
  ) throws(ComputeError) {
    func letter(_ operand: Operand) -> CChar { CChar(UInt8(ascii: operand.isTransposed ? "T" : "N")) }
    try check(
      dnnl_sgemm(
        letter(a), letter(b), Int64(m), Int64(n), Int64(k), 1, a.start, Int64(a.stride), b.start, Int64(b.stride), beta,
        c,
        Int64(cStride)),
      "dnnl_sgemm", node: "any")
  }
}
