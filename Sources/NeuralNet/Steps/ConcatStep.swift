import Compute

/// Concatenates values along an axis.
final class ConcatStep: Step {
  let needs = StepNeeds()
  /// In memory, rows are the axes before the concatenated one, columns a value's elements from it on.
  private let rows: Int
  private let columns: [Int]

  /// - Parameter layout: layout of all values if they are images; blocks only along the channels.
  init(axis: Int, inputs: [Shape], layout: PictureLayout) {
    if layout == .blocks {
      // Channel blocks of a sample are consecutive, in channel order.
      rows = inputs[0][0]
      columns = inputs.map(\.sample.count)
    } else {
      let around = inputs.map { MemoryOrder($0).around(axis) }
      rows = around[0].outer
      columns = around.map { $0.length * $0.inner }
    }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let width = columns.reduce(0, +)
    var start = 0
    for (x, count) in zip(memory.inputs, columns) {
      VectorKernels.copyRows(
        from: x, stride: count, to: memory.output + start, stride: width, rows: rows, columns: count)
      start += count
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient else { return }
    let width = columns.reduce(0, +)
    var start = 0
    for (dx, count) in zip(memory.inputGradients, columns) {
      if let dx {
        VectorKernels.copyRows(from: dy + start, stride: width, to: dx, stride: count, rows: rows, columns: count)
      }
      start += count
    }
  }
}
