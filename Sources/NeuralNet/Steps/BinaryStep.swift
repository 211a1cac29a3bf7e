import Compute

/// A function of two values that may broadcast, and the ReLU behind it.
final class BinaryStep: Step {
  let needs: StepNeeds
  private let function: BinaryFunction
  private let relu: Bool
  private let counts: (first: Int, second: Int, result: Int)
  /// Where each element's operand lies; nil where the operand has the result's shape.
  private let first: [Int32]?
  private let second: [Int32]?

  init(_ function: BinaryFunction, _ a: Shape, _ b: Shape, into result: Shape, relu: Bool) {
    self.function = function
    self.relu = relu
    counts = (a.count, b.count, result.count)
    first = MemoryOrder(a).broadcastMap(to: result)
    second = MemoryOrder(b).broadcastMap(to: result)
    let isProduct = function == .multiply || function == .divide
    needs = StepNeeds(backwardReadsInput: isProduct, backwardReadsOutput: relu)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let (a, b, y) = (memory.inputs[0], memory.inputs[1], memory.output)
    if function == .add, first == nil, second == nil {
      VectorKernels.sum(a, b, relu: relu, into: y, count: counts.result)
      return
    }
    switch function {
    case .add: forEachPair { y[$0] = a[$1] + b[$2] }
    case .subtract: forEachPair { y[$0] = a[$1] - b[$2] }
    case .multiply: forEachPair { y[$0] = a[$1] * b[$2] }
    case .divide: forEachPair { y[$0] = a[$1] / b[$2] }
    }
    if relu { VectorKernels.relu(y, into: y, count: counts.result) }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient else { return }
    if relu { VectorKernels.reluGradient(dy, output: memory.output, into: dy, count: counts.result) }
    let (a, b) = (memory.inputs[0], memory.inputs[1])
    if let da = memory.inputGradients[0] {
      da.update(repeating: 0, count: counts.first)
      switch function {
      case .add, .subtract: forEachPair { i, j, _ in da[j] += dy[i] }
      case .multiply: forEachPair { i, j, k in da[j] += dy[i] * b[k] }
      case .divide: forEachPair { i, j, k in da[j] += dy[i] / b[k] }
      }
    }
    if let db = memory.inputGradients[1] {
      db.update(repeating: 0, count: counts.second)
      switch function {
      case .add: forEachPair { i, _, k in db[k] += dy[i] }
      case .subtract: forEachPair { i, _, k in db[k] -= dy[i] }
      case .multiply: forEachPair { i, j, k in db[k] += dy[i] * a[j] }
      case .divide: forEachPair { i, j, k in db[k] -= dy[i] * a[j] / (b[k] * b[k]) }
      }
    }
  }

  /// Calls `body` with the places of result, first and second operand, for every element of the result.
  @inline(__always)
  private func forEachPair(_ body: (Int, Int, Int) -> Void) {
    switch (first, second) {
    case (nil, nil):
      for i in 0..<counts.result { body(i, i, i) }
    case (let first?, nil):
      first.withUnsafeBufferPointer { first in for i in 0..<first.count { body(i, Int(first[i]), i) } }
    case (nil, let second?):
      second.withUnsafeBufferPointer { second in for i in 0..<second.count { body(i, i, Int(second[i])) } }
    case (let first?, let second?):
      first.withUnsafeBufferPointer { first in
        second.withUnsafeBufferPointer { second in
          for i in 0..<counts.result { body(i, Int(first[i]), Int(second[i])) }
        }
      }
    }
  }
}
