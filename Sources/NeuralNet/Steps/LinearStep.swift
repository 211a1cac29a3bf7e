import Compute

/// Fully connected layer, `y = relu(x·Wᵀ + b)`, by OpenBLAS.
final class LinearStep: Step {
  let needs: StepNeeds
  private let fused: FusedNode
  private let rows: Int
  private let inputs: Int
  private let outputs: Int
  private var weight: Tensor
  private var bias: Tensor?
  private var weightGradient: Tensor?
  private var biasGradient: Tensor?

  init(_ fused: FusedNode, _ context: StepContext) {
    let x = context.shape(fused.inputs[0])
    inputs = x[x.rank - 1]
    rows = x.count / max(inputs, 1)
    let y = context.shape(fused.output)
    outputs = y[y.rank - 1]
    self.fused = fused
    let training = context.use == .training
    needs = StepNeeds(backwardReadsInput: training, backwardReadsOutput: fused.relu)
    weight = Tensor([outputs, inputs])
    weightGradient = training ? weight : nil
    biasGradient = training && fused.node.parameters["bias"] != nil ? Tensor([outputs]) : nil
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    weight = try fused.node.tensor("weight", in: parameters)
    bias = fused.node.parameters["bias"] == nil ? nil : try fused.node.tensor("bias", in: parameters)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let y = memory.output
    weight.withFloats { w in
      MatrixProduct.multiply(m: rows, n: outputs, k: inputs, memory.inputs[0], w.start, transposeB: true, into: y)
    }
    bias?.withFloats { VectorKernels.addRows(bias: $0.start, to: y, rows: rows, columns: outputs) }
    if fused.relu { VectorKernels.relu(y, into: y, count: rows * outputs) }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient else { return }
    if fused.relu { VectorKernels.reluGradient(dy, output: memory.output, into: dy, count: rows * outputs) }
    if let dx = memory.inputGradients[0] {
      weight.withFloats { w in
        MatrixProduct.multiply(m: rows, n: inputs, k: outputs, dy, w.start, into: dx)
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
