import Compute

/// Normalises groups of elements of each sample to mean 0 and variance 1, then scales and shifts them: layer, group and
/// instance normalisation.
final class GroupedNormStep: Step {
  let needs: StepNeeds
  private let node: Node
  private let epsilon: Float
  /// The group of each element, and the index of its scale and shift.
  private let groups: [Int32]
  private let indices: [Int32]
  private let groupCount: Int
  private var scale: Tensor
  private var shift: Tensor?
  private var scaleGradient: Tensor?
  private var shiftGradient: Tensor?
  /// Number of elements per group.
  private var groupSize: Int { groups.count / max(groupCount, 1) }

  init(_ node: Node, _ context: StepContext) throws(NeuralNetError) {
    let x = context.shape(node.inputs[0])
    var (groups, indices): ([Int32], [Int32]) = ([], [])
    let inGroup = Self.channelsInGroup(node.operation, x)
    MemoryOrder(x).forEach { index in
      if case .layerNorm(let axis, _) = node.operation {
        groups.append(Int32(Self.position(index[..<axis], x)))
        indices.append(Int32(Self.position(index[axis...], x)))
      } else {
        groups.append(Int32(index[0] * (x[1] / inGroup) + index[1] / inGroup))
        indices.append(Int32(index[1]))
      }
    }
    self.groups = groups
    self.indices = indices
    groupCount = Int(groups.max() ?? -1) + 1
    epsilon = Self.epsilon(node.operation)
    self.node = node
    let training = context.use == .training
    // Two numbers per group: mean and reciprocal standard deviation.
    needs = StepNeeds(
      savedBytes: 2 * groupCount * MemoryLayout<Float>.stride,
      scratchBytes: 2 * groupCount * MemoryLayout<Double>.stride, backwardReadsInput: true)
    scale = Tensor(try context.parameterShape("scale", of: node))
    shift = node.parameters["shift"] == nil ? nil : Tensor(scale.shape)
    scaleGradient = training ? scale : nil
    shiftGradient = training ? shift : nil
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    scale = try node.tensor("scale", in: parameters)
    if shift != nil { shift = try node.tensor("shift", in: parameters) }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let (x, y) = (memory.inputs[0], memory.output)
    let statistics = memory.saved.assumingMemoryBound(to: Float.self)
    let sums = memory.scratch.assumingMemoryBound(to: Double.self)
    sums.update(repeating: 0, count: 2 * groupCount)
    for i in groups.indices { sums[Int(groups[i])] += Double(x[i]) }
    for group in 0..<groupCount { sums[group] /= Double(groupSize) }
    for i in groups.indices {
      let group = Int(groups[i])
      let distance = Double(x[i]) - sums[group]
      sums[groupCount + group] += distance * distance
    }
    for group in 0..<groupCount {
      statistics[2 * group] = Float(sums[group])
      let variance = sums[groupCount + group] / Double(groupSize)
      statistics[2 * group + 1] = Float(1 / (variance + Double(epsilon)).squareRoot())
    }
    for i in groups.indices {
      let (group, offset) = (Int(groups[i]), Int(indices[i]))
      let normal = (x[i] - statistics[2 * group]) * statistics[2 * group + 1]
      y[i] = normal * scale[offset] + (shift?[offset] ?? 0)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient else { return }
    let x = memory.inputs[0]
    let statistics = memory.saved.assumingMemoryBound(to: Float.self)
    let sums = memory.scratch.assumingMemoryBound(to: Double.self)
    sums.update(repeating: 0, count: 2 * groupCount)
    for offset in 0..<scale.count {
      scaleGradient?[offset] = 0
      shiftGradient?[offset] = 0
    }
    for i in groups.indices {
      let (group, offset) = (Int(groups[i]), Int(indices[i]))
      let normal = (x[i] - statistics[2 * group]) * statistics[2 * group + 1]
      scaleGradient?[offset] += dy[i] * normal
      shiftGradient?[offset] += dy[i]
      let slope = Double(dy[i] * scale[offset])
      sums[2 * group] += slope
      sums[2 * group + 1] += slope * Double(normal)
    }
    guard let dx = memory.inputGradients[0] else { return }
    for i in groups.indices {
      let (group, offset) = (Int(groups[i]), Int(indices[i]))
      let inverseDeviation = statistics[2 * group + 1]
      let normal = (x[i] - statistics[2 * group]) * inverseDeviation
      let mean = Float(sums[2 * group] / Double(groupSize))
      let pull = Float(sums[2 * group + 1] / Double(groupSize))
      dx[i] = inverseDeviation * (dy[i] * scale[offset] - mean - normal * pull)
    }
  }

  var gradients: [String: Tensor] {
    var all: [String: Tensor] = [:]
    if let name = node.parameters["scale"] { all[name] = scaleGradient }
    if let name = node.parameters["shift"] { all[name] = shiftGradient }
    return all
  }

  private static func position(_ index: ArraySlice<Int>, _ shape: Shape) -> Int {
    index.indices.reduce(0) { $0 * shape[$1] + index[$1] }
  }

  private static func channelsInGroup(_ operation: Operator, _ x: Shape) -> Int {
    if case .groupNorm(let groups, _) = operation { return x[1] / groups }
    return 1
  }

  private static func epsilon(_ operation: Operator) -> Float {
    switch operation {
    case .layerNorm(_, let epsilon), .groupNorm(_, let epsilon), .instanceNorm(let epsilon): epsilon
    default: preconditionFailure("\(operation.name) has no groups")
    }
  }
}
