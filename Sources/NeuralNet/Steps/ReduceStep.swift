import Compute

/// Mean, sum or maximum of the elements along some axes.
final class ReduceStep: Step {
  let needs: StepNeeds
  private let reduction: Reduction
  private let resultCount: Int
  /// Output offset of each input element.
  private let targets: [Int32]
  private let fraction: Float

  /// - Parameter output: the result's shape, with or without the reduced axes.
  init(_ reduction: Reduction, axes: [Int], keepsAxes: Bool, input x: Shape, output y: Shape) {
    let order = MemoryOrder(y)
    var targets: [Int32] = []
    targets.reserveCapacity(x.count)
    MemoryOrder(x).forEach { index in
      let position =
        keepsAxes
        ? index.indices.map { axes.contains($0) ? 0 : index[$0] }
        : index.indices.compactMap { axes.contains($0) ? nil : index[$0] }
      targets.append(Int32(order.offset(position)))
    }
    self.reduction = reduction
    self.targets = targets
    resultCount = y.count
    // Double precision: counts above 2²⁴ would be rounded, and the fraction would depend on the batch.
    fraction = reduction == .mean ? Float(Double(y.count) / Double(max(x.count, 1))) : 1
    needs = StepNeeds(savedBytes: reduction == .maximum ? y.count * MemoryLayout<Int32>.stride : 0)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let (x, y) = (memory.inputs[0], memory.output)
    targets.withUnsafeBufferPointer { targets in
      guard reduction == .maximum else {
        y.update(repeating: 0, count: resultCount)
        for i in 0..<targets.count { y[Int(targets[i])] += x[i] }
        if fraction != 1 { for i in 0..<resultCount { y[i] *= fraction } }
        return
      }
      let winners = memory.saved.assumingMemoryBound(to: Int32.self)
      for i in 0..<resultCount { winners[i] = -1 }
      for i in 0..<targets.count {
        let target = Int(targets[i])
        if winners[target] < 0 || x[i] > y[target] {
          y[target] = x[i]
          winners[target] = Int32(i)
        }
      }
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    targets.withUnsafeBufferPointer { targets in
      guard reduction == .maximum else {
        for i in 0..<targets.count { dx[i] = dy[Int(targets[i])] * fraction }
        return
      }
      dx.update(repeating: 0, count: targets.count)
      let winners = memory.saved.assumingMemoryBound(to: Int32.self)
      for i in 0..<resultCount where winners[i] >= 0 { dx[Int(winners[i])] = dy[i] }
    }
  }
}
