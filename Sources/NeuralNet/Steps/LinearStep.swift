import Compute

/// Fully connected layer, `y = relu(x·Wᵀ + b)`: oneDNN in training and for the input gradient, OpenBLAS for the weight
/// gradient, and for constant weights a kernel whose results do not depend on the batch.
final class LinearStep: Step {
  let needs: StepNeeds
  private let fused: FusedNode
  private let rows: Int
  private let inputs: Int
  private let outputs: Int
  private var forwardKernel: ForwardKernel
  private let inputKernel: InnerProductBackwardData?
  /// nil if no backward pass reads it.
  private var weight: Tensor?
  private var weightGradient: Tensor?
  private var biasGradient: Tensor?

  init(_ fused: FusedNode, _ context: StepContext) throws(NeuralNetError) {
    let x = context.shape(fused.inputs[0])
    let y = context.shape(fused.output)
    let (inputs, outputs) = (x[x.rank - 1], y[y.rank - 1])
    let rows = x.count / max(inputs, 1)
    let training = context.use == .training
    let forward = try computing { () throws(ComputeError) in
      try ForwardKernel(
        rows: rows, inputs: inputs, outputs: outputs, relu: fused.relu, training: training, node: fused.name)
    }
    var scratchBytes = forward.scratchBytes
    let wantsInput = context.wantsInputGradients[0]
    inputKernel = try computing { () throws(ComputeError) -> InnerProductBackwardData? in
      guard wantsInput else { return nil }
      let kernel = try InnerProductBackwardData(rows: rows, inputs: inputs, outputs: outputs, node: fused.name)
      scratchBytes = max(scratchBytes, kernel.scratchBytes)
      return kernel
    }
    forwardKernel = forward
    self.rows = rows
    self.inputs = inputs
    self.outputs = outputs
    self.fused = fused
    needs = StepNeeds(
      scratchBytes: scratchBytes, backwardReadsInput: training, backwardReadsOutput: fused.relu)
    weightGradient = training ? Tensor([outputs, inputs]) : nil
    biasGradient = training && fused.node.parameters["bias"] != nil ? Tensor([outputs]) : nil
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    let weight = try fused.node.tensor("weight", in: parameters)
    let bias = fused.node.parameters["bias"] == nil ? nil : try fused.node.tensor("bias", in: parameters)
    forwardKernel.load(weight: weight, bias: bias)
    if inputKernel != nil { self.weight = weight }
  }

  func releaseParameters() {
    forwardKernel.releaseWeight()
    weight = nil
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try forwardKernel.run(x: memory.inputs[0], y: memory.output, scratch: memory.scratch)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    guard let dy = memory.outputGradient else { return }
    if fused.relu { VectorKernels.reluGradient(dy, output: memory.output, into: dy, count: rows * outputs) }
    if let dx = memory.inputGradients[0] {
      try computing { () throws(ComputeError) in
        try weight?.withFloats { w throws(ComputeError) in
          try inputKernel?.run(dy: dy, weight: w.start, dx: dx, scratch: memory.scratch)
        }
      }
    }
    weightGradient?.withMutableFloats { dw in
      MatrixProduct.multiply(
        m: outputs, n: inputs, k: rows, dy, transposeA: true, memory.inputs[0], into: dw.start)
    }
    biasGradient?.withMutableFloats { db in
      VectorKernels.columnSums(dy, into: db.start, rows: rows, columns: outputs)
    }
  }

  var gradients: [String: Tensor] {
    var all: [String: Tensor] = [:]
    if let name = fused.node.parameters["weight"] { all[name] = weightGradient }
    if let name = fused.node.parameters["bias"] { all[name] = biasGradient }
    return all
  }
}

/// Fully connected layer forward, with constant or changing weights.
private enum ForwardKernel: ~Copyable {
  case packed(LinearForward)
  case unpacked(InnerProductForward)

  init(
    rows: Int, inputs: Int, outputs: Int, relu: Bool, training: Bool, node: String
  ) throws(ComputeError) {
    if training {
      self = .unpacked(
        try InnerProductForward(rows: rows, inputs: inputs, outputs: outputs, relu: relu, node: node))
    } else {
      self = .packed(LinearForward(rows: rows, inputs: inputs, outputs: outputs, relu: relu))
    }
  }

  var scratchBytes: Int {
    switch self {
    case .packed(let kernel): kernel.scratchBytes
    case .unpacked(let kernel): kernel.scratchBytes
    }
  }

  mutating func load(weight: Tensor, bias: Tensor?) {
    switch consume self {
    case .packed(let kernel):
      kernel.load(weight: weight, bias: bias)
      self = .packed(kernel)
    case .unpacked(var kernel):
      kernel.load(weight: weight, bias: bias)
      self = .unpacked(kernel)
    }
  }

  mutating func releaseWeight() {
    switch consume self {
    case .packed(let kernel): self = .packed(kernel)
    case .unpacked(var kernel):
      kernel.releaseWeight()
      self = .unpacked(kernel)
    }
  }

  func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    switch self {
    case .packed(let kernel): kernel.run(x: x, y: y, scratch: scratch)
    case .unpacked(let kernel): try kernel.run(x: x, y: y, scratch: scratch)
    }
  }
}
