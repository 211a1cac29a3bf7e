import Compute

/// Matrix products along the last two axes, with the leading axes broadcast, by OpenBLAS.
///
/// If rows are samples, each row is a separate product: OpenBLAS splits sums depending on the number of rows.
final class MatMulStep: Step {
  let needs: StepNeeds
  private let shapes: (a: Shape, b: Shape, y: Shape)
  /// Index of each operand's matrix for each matrix of the result.
  private let first: [Int32]
  private let second: [Int32]
  private let rowsAreSamples: Bool
  private var m: Int { shapes.y[shapes.y.rank - 2] }
  private var n: Int { shapes.y[shapes.y.rank - 1] }
  private var k: Int { shapes.a[shapes.a.rank - 1] }

  init(_ a: Shape, _ b: Shape, into y: Shape, training: Bool) {
    shapes = (a, b, y)
    rowsAreSamples = y.rank == 2 && !training
    first = Self.matrices(of: a, in: y)
    second = Self.matrices(of: b, in: y)
    // Values of rank 4 are stored as images; the products need tensor order.
    let reordered = [a, b, y].filter { $0.rank == 4 }.reduce(0) { $0 + $1.count }
    needs = StepNeeds(scratchBytes: 2 * reordered * MemoryLayout<Float>.stride, backwardReadsInput: true)
  }

  private static func matrices(of shape: Shape, in result: Shape) -> [Int32] {
    let leading = Shape(Array(result.extents.dropLast(2)))
    let own = Shape(Array(shape.extents.dropLast(2)))
    let missing = leading.rank - own.rank
    return (0..<leading.count).map { position in
      var (rest, place, stride) = (position, 0, 1)
      for axis in (0..<leading.rank).reversed() {
        let index = rest % leading[axis]
        rest /= leading[axis]
        guard axis >= missing else { continue }
        if own[axis - missing] > 1 { place += index * stride }
        stride *= own[axis - missing]
      }
      return Int32(place)
    }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    var free = memory.scratch.assumingMemoryBound(to: Float.self)
    let a = tensorOrder(memory.inputs[0], shapes.a, &free)
    let b = tensorOrder(memory.inputs[1], shapes.b, &free)
    let y = shapes.y.rank == 4 ? free : memory.output
    let rows = rowsAreSamples ? 1 : m
    for i in first.indices {
      for row in stride(from: 0, to: m, by: rows) {
        MatrixProduct.multiply(
          m: rows, n: n, k: k, a + (Int(first[i]) * m + row) * k, b + Int(second[i]) * k * n,
          into: y + (i * m + row) * n)
      }
    }
    restore(y, to: memory.output, shapes.y)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let gradient = memory.outputGradient else { return }
    var free = memory.scratch.assumingMemoryBound(to: Float.self)
    let a = tensorOrder(memory.inputs[0], shapes.a, &free)
    let b = tensorOrder(memory.inputs[1], shapes.b, &free)
    let dy = tensorOrder(gradient, shapes.y, &free)
    if let target = memory.inputGradients[0] {
      let da = shapes.a.rank == 4 ? free : target
      if shapes.a.rank == 4 { free += shapes.a.count }
      da.update(repeating: 0, count: shapes.a.count)
      for i in first.indices {
        MatrixProduct.multiply(
          m: m, n: k, k: n, dy + i * m * n, b + Int(second[i]) * k * n, transposeB: true, beta: 1,
          into: da + Int(first[i]) * m * k)
      }
      restore(da, to: target, shapes.a)
    }
    if let target = memory.inputGradients[1] {
      let db = shapes.b.rank == 4 ? free : target
      db.update(repeating: 0, count: shapes.b.count)
      for i in first.indices {
        MatrixProduct.multiply(
          m: k, n: n, k: m, a + Int(first[i]) * m * k, transposeA: true, dy + i * m * n, beta: 1,
          into: db + Int(second[i]) * k * n)
      }
      restore(db, to: target, shapes.b)
    }
  }

  /// A value's consecutive matrices; copies values of rank 4 to `free`, and advances it.
  private func tensorOrder(
    _ x: UnsafeMutablePointer<Float>, _ shape: Shape, _ free: inout UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float> {
    guard shape.rank == 4 else { return x }
    let copy = free
    ChannelOrder.toChannelsFirst(x, into: copy, batch: shape[0], channels: shape[1], area: shape[2] * shape[3])
    free += shape.count
    return copy
  }

  private func restore(_ x: UnsafeMutablePointer<Float>, to target: UnsafeMutablePointer<Float>, _ shape: Shape) {
    guard shape.rank == 4 else { return }
    ChannelOrder.toChannelsLast(x, into: target, batch: shape[0], channels: shape[1], area: shape[2] * shape[3])
  }
}
