import Compute

/// A convolution, with fused batch norm (fixed statistics only) and activation.
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
        geometry, layout: layout, activation: fused.activation?.kernel, training: training, kernels: context.kernels,
        node: name)
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
      backwardReadsInput: training, backwardReadsOutput: fused.activation != nil)
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
    if let activation = fused.activation {
      // Only functions whose gradient follows from the output are fused where gradients are wanted.
      ElementwiseKernels.gradient(
        activation.kernel, dy, input: memory.output, output: memory.output, into: dy, count: geometry.outputShape.count)
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

/// A convolution with fused ReLU and max pooling, with fixed parameters.
final class PooledConvolutionStep: Step {
  let needs: StepNeeds
  let slowKernels: [SlowKernel]
  private let fused: FusedNode
  private let kernel: PooledConvolution
  private let gradient: PooledConvolutionGradient?

  init(_ fused: FusedNode, _ pool: PoolSettings, _ context: StepContext) throws(NeuralNetError) {
    let weight = try context.parameterShape("weight", of: fused.node)
    let geometry = try fused.node.operation.convolutionGeometry(
      of: fused.name, input: context.shape(fused.inputs[0]), weight: weight)
    let from = context.layout(fused.inputs[0])
    let to = context.layout(fused.output)
    let wantsInput = context.wantsInputGradients[0]
    let kernel = try computing { () throws(ComputeError) in
      try PooledConvolution(
        geometry, window: pool.kernel, from: from, to: to, relu: fused.relu, keepsResult: wantsInput, node: fused.name)
    }
    var scratchBytes = kernel.scratchBytes
    var slow = [kernel.slowKernel]
    gradient = try computing { () throws(ComputeError) -> PooledConvolutionGradient? in
      guard wantsInput else { return nil }
      let gradient = try PooledConvolutionGradient(
        geometry, window: pool.kernel, from: from, to: to, relu: fused.relu, node: fused.name)
      scratchBytes = max(scratchBytes, gradient.scratchBytes)
      slow.append(gradient.slowKernel)
      return gradient
    }
    slowKernels = slow.compactMap(\.self)
    needs = StepNeeds(savedBytes: kernel.savedBytes, scratchBytes: scratchBytes)
    self.kernel = kernel
    self.fused = fused
  }

  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {
    let filters = try FoldedFilters(fused, parameters)
    try computing { () throws(ComputeError) in
      try kernel.load(weight: filters.weight, bias: filters.bias)
      try gradient?.load(weight: filters.weight)
    }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    try computing { () throws(ComputeError) in
      try kernel.run(x: memory.inputs[0], y: memory.output, saved: memory.saved, scratch: memory.scratch)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    try computing { () throws(ComputeError) in
      try gradient?.run(dy: dy, dx: dx, saved: memory.saved, scratch: memory.scratch)
    }
  }
}

/// A convolution's filters and bias with a batch norm of fixed statistics folded in:
/// `s · (w ∗ x + b - mean) + shift` where `s = scale / √(variance + ε)`.
struct FoldedFilters {
  let weight: Tensor
  let bias: Tensor?

  init(_ fused: FusedNode, _ parameters: [String: Tensor]) throws(NeuralNetError) {
    if let norm = fused.foldedNorm, case .batchNorm(let settings) = norm.operation {
      try self.init(fused.node, norm: norm, settings, parameters)
      return
    }
    self.init(
      weight: try fused.node.tensor("weight", in: parameters),
      bias: fused.node.parameters["bias"] == nil ? nil : try fused.node.tensor("bias", in: parameters))
  }

  private init(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }

  /// - Parameter norm: the batch norm with these settings behind the convolution `node`.
  init(
    _ node: Node, norm: Node, _ settings: BatchNormSettings, _ parameters: [String: Tensor]
  ) throws(NeuralNetError) {
    let weight = try node.tensor("weight", in: parameters)
    let bias = node.parameters["bias"] == nil ? nil : try node.tensor("bias", in: parameters)
    let affine = try ChannelAffine(norm, settings, parameters)
    let perFilter = weight.shape.sample.count
    var folded = weight
    folded.withMutableFloats { w in
      for k in 0..<affine.factor.count {
        for i in 0..<perFilter { w[k * perFilter + i] *= affine.factor[k] }
      }
    }
    self.init(
      weight: folded,
      bias: Tensor(
        [affine.factor.count],
        affine.factor.indices.map { affine.offset[$0] + affine.factor[$0] * (bias?[$0] ?? 0) }))
  }
}

/// Batch norm with fixed statistics as a scale and an offset per channel.
struct ChannelAffine {
  let factor: [Float]
  let offset: [Float]

  init(_ node: Node, _ settings: BatchNormSettings, _ parameters: [String: Tensor]) throws(NeuralNetError) {
    let scale = try node.tensor("scale", in: parameters)
    let shift = try node.tensor("shift", in: parameters)
    let mean = try node.tensor("mean", in: parameters)
    let variance = try node.tensor("variance", in: parameters)
    // Double precision, because the variance of a dead channel can be far below epsilon.
    let factors = (0..<scale.count).map { c in
      Double(scale[c]) / (Double(max(variance[c], 0)) + Double(settings.epsilon)).squareRoot()
    }
    factor = factors.map { Float($0) }
    offset = factors.indices.map { Float(Double(shift[$0]) - factors[$0] * Double(mean[$0])) }
  }
}

extension Node {
  /// The value of the node's parameter of that role.
  func tensor(_ role: String, in values: [String: Tensor]) throws(NeuralNetError) -> Tensor {
    guard let key = parameters[role], let tensor = values[key] else {
      throw .missingParameter(node: name, name: parameters[role] ?? role)
    }
    return tensor
  }
}
