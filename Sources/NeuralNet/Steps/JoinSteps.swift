import Compute

/// Sum of two values, and the ReLU behind it.
final class AddStep: Step {
  let needs: StepNeeds
  private let count: Int
  private let relu: Bool

  init(count: Int, relu: Bool) {
    needs = StepNeeds(backwardReadsOutput: relu)
    self.count = count
    self.relu = relu
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    VectorKernels.sum(memory.inputs[0], memory.inputs[1], relu: relu, into: memory.output, count: count)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient else { return }
    if relu { VectorKernels.reluGradient(dy, output: memory.output, into: dy, count: count) }
    for case let dx? in memory.inputGradients { dx.update(from: dy, count: count) }
  }
}

/// Values behind each other along the channels.
final class ConcatStep: Step {
  let needs = StepNeeds()
  /// Rows are the places of all pictures (of the batch where a picture is in blocks), columns a value's channels.
  private let rows: Int
  private let columns: [Int]

  init(inputs: [Shape], layout: PictureLayout) {
    let x = inputs[0]
    rows = x.rank == 4 && layout == .channelsLast ? x[0] * x[2] * x[3] : x[0]
    let perRow = rows == 0 ? 1 : rows
    columns = inputs.map { $0.count / perRow }
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
