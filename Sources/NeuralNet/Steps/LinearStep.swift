import Compute

/// Fully connected layer, `y = relu(x·Wᵀ + b)`: oneDNN, and OpenBLAS for the weights' gradient.
final class LinearStep: Step {
  let needs: StepNeeds
  private let fused: FusedNode
  private let rows: Int
  private let inputs: Int
  private let outputs: Int
  private var forwardKernel: InnerProductForward
  private let inputKernel: InnerProductBackwardData?
  /// nil where no backward reads it.
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
      try InnerProductForward(
        rows: rows, inputs: inputs, outputs: outputs, relu: fused.relu, packs: !training, node: fused.name)
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
    try computing { () throws(ComputeError) in try forwardKernel.load(weight: weight, bias: bias) }
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
