import CVectorLoops

extension VectorKernels {
  /// 0 with probability `rate`, else `1 / (1 - rate)`.
  public static func dropoutMask(
    rate: Float, using generator: inout SeededGenerator, into mask: UnsafeMutablePointer<Float>, count: Int
  ) {
    let kept = 1 / (1 - rate)
    for i in 0..<count { mask[i] = generator.uniform() < rate ? 0 : kept }
  }

  /// Means over the middle axis: `[batch, rows, columns]` to `[batch, columns]`.
  public static func rowMeans(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, batch: Int, rows: Int, columns: Int
  ) {
    for n in 0..<batch {
      let sums = y + n * columns
      columnSums(x + n * rows * columns, into: sums, rows: rows, columns: columns)
      for c in 0..<columns { sums[c] /= Float(rows) }
    }
  }

  /// The gradient of `rowMeans`.
  public static func spreadMeans(
    _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, batch: Int, rows: Int, columns: Int
  ) {
    let share = 1 / Float(rows)
    for n in 0..<batch {
      let source = dy + n * columns
      for row in 0..<rows {
        let target = dx + (n * rows + row) * columns
        for c in 0..<columns { target[c] = source[c] * share }
      }
    }
  }

  /// Copies a block of rows between two matrices with different row lengths.
  public static func copyRows(
    from x: UnsafePointer<Float>, stride: Int, to y: UnsafeMutablePointer<Float>, stride yStride: Int, rows: Int,
    columns: Int
  ) {
    for row in 0..<rows { (y + row * yStride).update(from: x + row * stride, count: columns) }
  }

  /// One step of Adam (Kingma and Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov and Hutter 2019).
  ///
  /// - Parameters:
  ///   - w: the parameters, changed.
  ///   - m: running mean of the gradient, changed.
  ///   - v: running mean of its square, changed.
  ///   - g: the gradient.
  ///   - decay: share of the parameters taken off, already times the learning rate.
  ///   - rate: learning rate with the bias of `m` corrected.
  ///   - correction: the factor that corrects the bias of `v`.
  public static func adam(
    _ w: UnsafeMutablePointer<Float>, _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>,
    gradient g: UnsafePointer<Float>, beta1: Float, beta2: Float, epsilon: Float, decay: Float, rate: Float,
    correction: Float, count: Int
  ) {
    var step = AdamStep(
      beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay, rate: rate, correction: correction)
    adam_step(&step, w, m, v, g, count)
  }
}
