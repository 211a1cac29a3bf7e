import Compute

/// A convolution, with the batch norm and the activation that are fused into it where statistics are fixed.
final class ConvolutionStep: Step {
  let needs: StepNeeds
  let slowKernels: [SlowKernel]
  private let fused: FusedNode
  private let geometry: ConvolutionGeometry
  private let forwardKernel: ConvolutionForward
  private let inputKernel: ConvolutionBackwardData?
  private let weightKernel: ConvolutionBackwardWeights?
  private var weightGradient: Tensor?
  private var biasGradient: Tensor?

  init(_ fused: FusedNode, _ context: StepContext) throws(NeuralNetError) {
    let input = context.shape(fused.inputs[0])
    let weight = try context.parameterShape("weight", of: fused.node)
    let geometry = try fused.node.operation.convolutionGeometry(of: fused.name, input: input, weight: weight)
    let training = context.use == .training
    let hasBias = fused.node.parameters["bias"] != nil
    let name = fused.name
    let layout = context.layout(fused.output)
    let forward = try computing { () throws(ComputeError) in
      try ConvolutionForward(
        geometry, layout: layout, activation: fused.activation?.kernel, training: training, node: name)
    }
    var scratchBytes = forward.scratchBytes
    var slow = [forward.slowKernel]
    let wantsInput = context.wantsInputGradients[0]
    let backwardData = try computing { () throws(ComputeError) -> ConvolutionBackwardData? in
      guard wantsInput else { return nil }
      let kernel = try ConvolutionBackwardData(geometry, layout: layout, training: training, node: name)
      scratchBytes = max(scratchBytes, kernel.scratchBytes)
      slow.append(kernel.slowKernel)
      return kernel
    }
    let backwardWeights = try computing { () throws(ComputeError) -> ConvolutionBackwardWeights? in
      guard training else { return nil }
      let kernel = try ConvolutionBackwardWeights(geometry, layout: layout, hasBias: hasBias, node: name)
      scratchBytes = max(scratchBytes, kernel.scratchBytes)
      slow.append(kernel.slowKernel)
      return kernel
    }
    slowKernels = slow.compactMap(\.self)
    needs = StepNeeds(
      scratchBytes: scratchBytes,
      backwardReadsInput: training, backwardReadsOutput: fused.relu)
    if training {
      weightGradient = Tensor(geometry.weightShape)
      biasGradient = hasBias ? Tensor([geometry.output.channels]) : nil
    }
    forwardKernel = forward
    inputKernel = backwardData
    weightKernel = backwardWeights
    self.fused = fused
    self.geometry = geometry
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    let filters = try FoldedFilters(fused, parameters)
    try computing { () throws(ComputeError) in
      try forwardKernel.load(weight: filters.weight, bias: filters.bias)
      try inputKernel?.load(weight: filters.weight)
    }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try forwardKernel.run(x: memory.inputs[0], y: memory.output, scratch: memory.scratch)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    guard let dy = memory.outputGradient else { return }
    if fused.relu {
      VectorKernels.reluGradient(dy, output: memory.output, into: dy, count: geometry.outputShape.count)
    }
    try computing { () throws(ComputeError) in
      if let dx = memory.inputGradients[0] { try inputKernel?.run(dy: dy, dx: dx, scratch: memory.scratch) }
      try weightGradient?.withMutableFloats { dw throws(ComputeError) in
        if biasGradient != nil {
          try biasGradient?.withMutableFloats { db throws(ComputeError) in
            try weightKernel?.run(
              x: memory.inputs[0], dy: dy, dw: dw.start, db: db.start, scratch: memory.scratch)
          }
        } else {
          try weightKernel?.run(x: memory.inputs[0], dy: dy, dw: dw.start, db: nil, scratch: memory.scratch)
        }
      }
    }
  }

  var gradients: [String: Tensor] {
    var all: [String: Tensor] = [:]
    if let name = fused.node.parameters["weight"] { all[name] = weightGradient }
    if let name = fused.node.parameters["bias"] { all[name] = biasGradient }
    return all
  }
}
