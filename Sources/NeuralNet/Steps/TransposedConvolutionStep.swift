import Compute

/// A transposed convolution: its forward pass is the input gradient of the corresponding convolution.
final class TransposedConvolutionStep: Step {
  let needs: StepNeeds
  let slowKernels: [SlowKernel]
  private let node: Node
  private let geometry: ConvolutionGeometry
  private let forwardKernel: ConvolutionBackwardData
  private let inputKernel: ConvolutionForward?
  private let weightKernel: ConvolutionBackwardWeights?
  private var bias: Tensor?
  private var weightGradient: Tensor?
  private var biasGradient: Tensor?

  init(_ node: Node, _ context: StepContext) throws(NeuralNetError) {
    let weight = try context.parameterShape("weight", of: node)
    let geometry = try node.operation.transposedGeometry(
      of: node.name, input: context.shape(node.inputs[0]), weight: weight)
    let training = context.use == .training
    let wantsInput = context.wantsInputGradients[0]
    let name = node.name
    let forward = try computing { () throws(ComputeError) in try ConvolutionBackwardData(geometry, node: name) }
    var scratchBytes = forward.scratchBytes
    var slow = [forward.slowKernel]
    let backward = try computing { () throws(ComputeError) -> ConvolutionForward? in
      guard wantsInput else { return nil }
      let kernel = try ConvolutionForward(geometry, training: true, node: name)
      scratchBytes = max(scratchBytes, kernel.scratchBytes)
      slow.append(kernel.slowKernel)
      return kernel
    }
    let weights = try computing { () throws(ComputeError) -> ConvolutionBackwardWeights? in
      guard training else { return nil }
      let kernel = try ConvolutionBackwardWeights(geometry, hasBias: false, node: name)
      scratchBytes = max(scratchBytes, kernel.scratchBytes)
      slow.append(kernel.slowKernel)
      return kernel
    }
    slowKernels = slow.compactMap(\.self)
    needs = StepNeeds(scratchBytes: scratchBytes, backwardReadsInput: training)
    bias = node.parameters["bias"] == nil ? nil : Tensor([geometry.input.channels])
    weightGradient = training ? Tensor(geometry.weightShape) : nil
    biasGradient = training ? bias : nil
    forwardKernel = forward
    inputKernel = backward
    weightKernel = weights
    self.node = node
    self.geometry = geometry
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    let weight = try node.tensor("weight", in: parameters)
    if bias != nil { bias = try node.tensor("bias", in: parameters) }
    try computing { () throws(ComputeError) in
      try forwardKernel.load(weight: weight)
      try inputKernel?.load(weight: weight, bias: nil)
    }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try forwardKernel.run(dy: memory.inputs[0], dx: memory.output, scratch: memory.scratch)
    }
    bias?.withFloats {
      VectorKernels.addRows(
        bias: $0.start, to: memory.output, rows: geometry.inputShape.count / geometry.input.channels,
        columns: geometry.input.channels)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    guard let dy = memory.outputGradient else { return }
    biasGradient?.withMutableFloats {
      VectorKernels.columnSums(
        dy, into: $0.start, rows: geometry.inputShape.count / geometry.input.channels,
        columns: geometry.input.channels)
    }
    try computing { () throws(ComputeError) in
      if let dx = memory.inputGradients[0] { try inputKernel?.run(x: dy, y: dx, scratch: memory.scratch) }
      try weightGradient?.withMutableFloats { dw throws(ComputeError) in
        try weightKernel?.run(x: dy, dy: memory.inputs[0], dw: dw.start, db: nil, scratch: memory.scratch)
      }
    }
  }

  var gradients: [String: Tensor] {
    var all: [String: Tensor] = [:]
    if let name = node.parameters["weight"] { all[name] = weightGradient }
    if let name = node.parameters["bias"] { all[name] = biasGradient }
    return all
  }
}
