/// Elementwise functions of two operands over contiguous rows, and their gradients.
///
/// An operand's row has the length of the result's row (step 1), or is a single broadcast element (step 0).
public enum BinaryRows {
  public enum Function: Sendable { case add, subtract, multiply, divide }

  /// A row of one operand.
  public struct Operand {
    let start: UnsafePointer<Float>
    let step: Int

    public init(_ start: UnsafePointer<Float>, step: Int) {
      self.start = start
      self.step = step
    }
  }

  /// `y = f(a, b)`, `count` elements.
  public static func apply(
    _ function: Function, _ a: Operand, _ b: Operand, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    switch function {
    case .add: apply(a, b, into: y, count) { $0 + $1 }
    case .subtract: apply(a, b, into: y, count) { $0 - $1 }
    case .multiply: apply(a, b, into: y, count) { $0 * $1 }
    case .divide: apply(a, b, into: y, count) { $0 / $1 }
    }
  }

  /// Accumulates the gradient with respect to `a` into its row `da`, or overwrites the row.
  ///
  /// - Parameter step: step of `da`'s row; 0 sums the gradient.
  public static func addFirstGradient(
    of function: Function, _ dy: UnsafePointer<Float>, _ b: Operand, to da: UnsafeMutablePointer<Float>, step: Int,
    sets: Bool, count: Int
  ) {
    let dy = Operand(dy, step: 1)
    switch function {
    case .add, .subtract: accumulate(dy, b, to: da, step, sets, count) { dy, _ in dy }
    case .multiply: accumulate(dy, b, to: da, step, sets, count) { $0 * $1 }
    case .divide: accumulate(dy, b, to: da, step, sets, count) { $0 / $1 }
    }
  }

  /// Accumulates the gradient with respect to `b` into its row `db`, or overwrites the row.
  public static func addSecondGradient(
    of function: Function, _ dy: UnsafePointer<Float>, _ a: Operand, _ b: Operand, to db: UnsafeMutablePointer<Float>,
    step: Int, sets: Bool, count: Int
  ) {
    let slopes = Operand(dy, step: 1)
    switch function {
    case .add: accumulate(slopes, a, to: db, step, sets, count) { dy, _ in dy }
    case .subtract: accumulate(slopes, a, to: db, step, sets, count) { dy, _ in -dy }
    case .multiply: accumulate(slopes, a, to: db, step, sets, count) { $0 * $1 }
    case .divide:
      if sets { db.update(repeating: 0, count: step == 0 ? 1 : count) }
      for i in 0..<count {
        let divisor = b.start[i * b.step]
        db[i * step] -= dy[i] * a.start[i * a.step] / (divisor * divisor)
      }
    }
  }

  /// Selects the steps outside the loops, so that the loops vectorise.
  @inline(__always)
  private static func apply(
    _ a: Operand, _ b: Operand, into y: UnsafeMutablePointer<Float>, _ count: Int, _ f: (Float, Float) -> Float
  ) {
    let (x, z) = (a.start, b.start)
    switch (a.step, b.step) {
    case (0, 0):
      let value = f(x[0], z[0])
      for i in 0..<count { y[i] = value }
    case (0, _):
      let first = x[0]
      for i in 0..<count { y[i] = f(first, z[i]) }
    case (_, 0):
      let second = z[0]
      for i in 0..<count { y[i] = f(x[i], second) }
    default:
      for i in 0..<count { y[i] = f(x[i], z[i]) }
    }
  }

  @inline(__always)
  private static func accumulate(
    _ dy: Operand, _ other: Operand, to d: UnsafeMutablePointer<Float>, _ step: Int, _ sets: Bool, _ count: Int,
    _ f: (Float, Float) -> Float
  ) {
    let (x, z) = (dy.start, other.start)
    if step == 0 {
      // Eight independent sums: a single one would stall on its own latency.
      var sums = SIMD8<Float>.zero
      var rest: Float = 0
      let whole = count / 8 * 8
      for start in stride(from: 0, to: whole, by: 8) {
        for lane in 0..<8 { sums[lane] += f(x[start + lane], z[(start + lane) * other.step]) }
      }
      for i in whole..<count { rest += f(x[i], z[i * other.step]) }
      d[0] = (sets ? 0 : d[0]) + sums.sum() + rest
    } else if other.step == 0 {
      let second = z[0]
      if sets { for i in 0..<count { d[i] = f(x[i], second) } } else { for i in 0..<count { d[i] += f(x[i], second) } }
    } else if sets {
      for i in 0..<count { d[i] = f(x[i], z[i]) }
    } else {
      for i in 0..<count { d[i] += f(x[i], z[i]) }
    }
  }
}
