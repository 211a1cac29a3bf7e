import Compute

/// Rearranges elements of the input: some may be dropped, repeated or constant.
final class GatherStep: Step {
  let needs = StepNeeds()
  private let inputCount: Int
  /// Source offset of each output element; negative for the fill value.
  private let sources: [Int32]
  private let filling: Float
  /// Whether the mapping is the identity, so that the step is a plain copy.
  private let isCopy: Bool

  /// - Parameter source: maps the indices of an output element to those of its input element; nil for the fill value.
  init(input: Shape, output: Shape, filling: Float = 0, _ source: ([Int]) -> [Int]?) {
    let order = MemoryOrder(input)
    var sources: [Int32] = []
    sources.reserveCapacity(output.count)
    MemoryOrder(output).forEach { index in
      sources.append(source(index).map { Int32(order.offset($0)) } ?? -1)
    }
    inputCount = input.count
    isCopy = sources.count == inputCount && sources.indices.allSatisfy { sources[$0] == Int32($0) }
    self.sources = isCopy ? [] : sources
    self.filling = filling
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let (x, y) = (memory.inputs[0], memory.output)
    if isCopy {
      y.update(from: x, count: inputCount)
      return
    }
    sources.withUnsafeBufferPointer { sources in
      for i in 0..<sources.count { y[i] = sources[i] >= 0 ? x[Int(sources[i])] : filling }
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    if isCopy {
      dx.update(from: dy, count: inputCount)
      return
    }
    dx.update(repeating: 0, count: inputCount)
    sources.withUnsafeBufferPointer { sources in
      for i in 0..<sources.count where sources[i] >= 0 { dx[Int(sources[i])] += dy[i] }
    }
  }
}

// MARK: - Mappings

extension GatherStep {
  /// The step of an operator that rearranges elements.
  ///
  /// - Precondition: it is such an operator, and its shapes are compatible.
  static func step(_ operation: Operator, input x: Shape, output y: Shape) -> GatherStep {
    switch operation {
    case .flatten, .reshape: return sameOrder(x, y)
    case .transpose(let order):
      return GatherStep(input: x, output: y) { index in
        var source = index
        for axis in order.indices { source[order[axis]] = index[axis] }
        return source
      }
    case .slice(let slices):
      return GatherStep(input: x, output: y) { index in
        var source = index
        for slice in slices { source[slice.axis] = slice.start + index[slice.axis] * slice.step }
        return source
      }
    case .pad(let settings): return padded(x, y, settings)
    case .resize(let settings):
      let rows = ResizeAxis(input: x[2], output: y[2], settings, isHeight: true)
      let columns = ResizeAxis(input: x[3], output: y[3], settings, isHeight: false)
      return GatherStep(input: x, output: y) { [$0[0], $0[1], rows.nearest($0[2]), columns.nearest($0[3])] }
    default: preconditionFailure("\(operation.name) moves no elements")
    }
  }

  /// Keeps the elements in tensor order, for a reshape.
  private static func sameOrder(_ x: Shape, _ y: Shape) -> GatherStep {
    GatherStep(input: x, output: y) { index in
      var position = 0
      for axis in index.indices { position = position * y[axis] + index[axis] }
      var source = [Int](repeating: 0, count: x.rank)
      for axis in source.indices.reversed() {
        source[axis] = position % max(x[axis], 1)
        position /= max(x[axis], 1)
      }
      return source
    }
  }

  private static func padded(_ x: Shape, _ y: Shape, _ settings: PadSettings) -> GatherStep {
    var filling: Float = 0
    if case .constant(let value) = settings.mode { filling = value }
    return GatherStep(input: x, output: y, filling: filling) { index in
      var source = index
      for axis in index.indices {
        let offset = index[axis] - settings.before[axis]
        if (0..<x[axis]).contains(offset) {
          source[axis] = offset
          continue
        }
        switch settings.mode {
        case .constant: return nil
        case .edge: source[axis] = offset < 0 ? 0 : x[axis] - 1
        case .reflect: source[axis] = offset < 0 ? -offset : 2 * (x[axis] - 1) - offset
        }
      }
      return source
    }
  }
}
