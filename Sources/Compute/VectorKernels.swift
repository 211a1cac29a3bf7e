import CVectorLoops

/// Vectorised loops over whole buffers; all pointers refer to `count` floats.
public enum VectorKernels {
  /// Whether all elements are finite.
  public static func allFinite(_ x: UnsafeBufferPointer<Float>) -> Bool {
    // x · 0 is 0 for finite numbers only; a single sum keeps the loop free of branches.
    var sum: Float = 0
    for value in x { sum += value * 0 }
    return sum == 0
  }

  /// `y += x`.
  public static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    for i in 0..<count { y[i] += x[i] }
  }

  /// `z = x + y`, followed by ReLU if `relu`.
  public static func sum(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, relu: Bool, into z: UnsafeMutablePointer<Float>, count: Int
  ) {
    if relu {
      for i in 0..<count { z[i] = max(x[i] + y[i], 0) }
    } else {
      for i in 0..<count { z[i] = x[i] + y[i] }
    }
  }

  /// `y = max(x, 0)`.
  public static func relu(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int) {
    relu_forward(x, y, count)
  }

  /// `dx = dy` where the ReLU output `y` is positive, else 0.
  public static func reluGradient(
    _ dy: UnsafePointer<Float>, output y: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, count: Int
  ) {
    relu_gradient(y, dy, dx, count)
  }

  /// `z = x · y`.
  public static func product(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, into z: UnsafeMutablePointer<Float>, count: Int
  ) {
    for i in 0..<count { z[i] = x[i] * y[i] }
  }

  /// `y[row, c] = x[row, c] · scale[c] + shift[c]`, followed by ReLU if `relu`.
  public static func scaleAndShift(
    _ x: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>?, relu: Bool,
    into y: UnsafeMutablePointer<Float>, rows: Int, channels: Int
  ) {
    for row in 0..<rows {
      let source = x + row * channels
      let target = y + row * channels
      for c in 0..<channels { target[c] = source[c] * scale[c] + (shift?[c] ?? 0) }
      if relu { for c in 0..<channels { target[c] = max(target[c], 0) } }
    }
  }

  /// `y[row, :] += bias`.
  public static func addRows(
    bias: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    for row in 0..<rows { add(bias, to: y + row * columns, count: columns) }
  }

  /// Sums of the columns of `[rows, columns]`.
  public static func columnSums(
    _ x: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    sums.update(repeating: 0, count: columns)
    for row in 0..<rows { add(x + row * columns, to: sums, count: columns) }
  }
}

extension VectorKernels {
  /// Each element is 0 with probability `rate`, else `1 / (1 - rate)`.
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
  ///   - w: the parameters, updated in place.
  ///   - m: running mean of the gradient, updated in place.
  ///   - v: running mean of the squared gradient, updated in place.
  ///   - g: the gradient.
  ///   - decay: fraction of the parameters to subtract, already multiplied by the learning rate.
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
