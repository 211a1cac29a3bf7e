import Compute

/// A binary function with broadcasting, and its fused ReLU.
final class BinaryStep: Step {
  let needs: StepNeeds
  private let function: BinaryRows.Function
  private let relu: Bool
  private let count: Int
  /// Elements per row: the innermost axis of the result in memory.
  private let length: Int
  private let first: BroadcastRows
  private let second: BroadcastRows

  init(_ function: BinaryFunction, _ a: Shape, _ b: Shape, into result: Shape, relu: Bool) {
    self.function = function.rows
    self.relu = relu
    count = result.count
    let alike = a == result && b == result
    length = alike ? max(count, 1) : MemoryOrder(result).lastExtent
    first = BroadcastRows(a, to: result, length: length)
    second = BroadcastRows(b, to: result, length: length)
    let isProduct = function == .multiply || function == .divide
    needs = StepNeeds(backwardReadsInput: isProduct, backwardReadsOutput: relu)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let (a, b, y) = (memory.inputs[0], memory.inputs[1], memory.output)
    if function == .add, !first.isBroadcast, !second.isBroadcast {
      VectorKernels.sum(a, b, relu: relu, into: y, count: count)
      return
    }
    for row in 0..<(count / length) {
      BinaryRows.apply(function, first.operand(a, row), second.operand(b, row), into: y + row * length, count: length)
    }
    if relu { VectorKernels.relu(y, into: y, count: count) }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient else { return }
    if relu { VectorKernels.reluGradient(dy, output: memory.output, into: dy, count: count) }
    let (a, b) = (memory.inputs[0], memory.inputs[1])
    if let da = memory.inputGradients[0] {
      if first.isBroadcast { da.update(repeating: 0, count: first.count) }
      for row in 0..<(count / length) {
        BinaryRows.addFirstGradient(
          of: function, dy + row * length, second.operand(b, row), to: da + first.start(row), step: first.step,
          sets: !first.isBroadcast, count: length)
      }
    }
    if let db = memory.inputGradients[1] {
      if second.isBroadcast { db.update(repeating: 0, count: second.count) }
      for row in 0..<(count / length) {
        BinaryRows.addSecondGradient(
          of: function, dy + row * length, first.operand(a, row), second.operand(b, row), to: db + second.start(row),
          step: second.step, sets: !second.isBroadcast, count: length)
      }
    }
  }
}

/// Offsets of an operand's rows for each row of the result, after broadcasting.
private struct BroadcastRows {
  /// Number of elements of the operand.
  let count: Int
  /// Whether any element is broadcast.
  let isBroadcast: Bool
  /// Distance between adjacent elements of a row; 0 if one element is broadcast over the row.
  let step: Int
  private let length: Int
  /// nil if rows are contiguous.
  private let starts: [Int32]?

  init(_ shape: Shape, to result: Shape, length: Int) {
    count = shape.count
    self.length = length
    let map = MemoryOrder(shape).broadcastMap(to: result)
    isBroadcast = map != nil
    starts = map.map { map in stride(from: 0, to: map.count, by: length).map { map[$0] } }
    step = map.map { $0.count > 1 && length > 1 ? Int($0[1] - $0[0]) : 0 } ?? 1
  }

  func start(_ row: Int) -> Int { starts.map { Int($0[row]) } ?? row * length }

  func operand(_ base: UnsafePointer<Float>, _ row: Int) -> BinaryRows.Operand {
    BinaryRows.Operand(base + start(row), step: step)
  }
}

extension BinaryFunction {
  fileprivate var rows: BinaryRows.Function {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    }
  }
}
