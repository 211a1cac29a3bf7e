import COneDNN

/// oneDNN's forward convolution.
struct DNNForward: ~Copyable {
  let scratchBytes: Int
  private let arrangement: FilterArrangement
  private let portions: Portions
  /// For a single image, where oneDNN would otherwise choose a different algorithm.
  private let halves: PictureHalves?
  private let addsToOutput: Bool
  private let primitive: Primitive
  private let filters: FilterPacking
  private let bias: AlignedStorage

  init(_ plan: ForwardPlan) throws(ComputeError) {
    let (geometry, layout, node) = (plan.geometry, plan.pictures.layout, plan.node)
    let description = try plan.description()
    let weightLayout = try description.required(dnnl_query_weights_md)
    let made = try Primitive(
      description,
      [
        .init(role: DNNL_ARG_SRC, layout: try DNNLayout.pictures(geometry.inputShape, layout, node: node)),
        .init(role: DNNL_ARG_WEIGHTS, layout: weightLayout),
        .init(role: DNNL_ARG_BIAS, layout: try DNNLayout.vector(geometry.output.channels, node: node)),
        .init(role: DNNL_ARG_DST, layout: try DNNLayout.pictures(geometry.outputShape, layout, node: node)),
      ])
    let packing = try FilterPacking(geometry, packed: weightLayout, node: node)
    bias = AlignedStorage(repeating: 0, count: geometry.output.channels)
    scratchBytes = made.scratchBytes + (plan.halves.map { $0.inputBytes + $0.outputBytes } ?? 0)
    primitive = made
    filters = packing
    arrangement = plan.arrangement
    portions = plan.portions
    halves = plan.halves
    addsToOutput = plan.addsToOutput
  }

  func load(weight: Tensor, bias: Tensor?) throws(ComputeError) {
    try filters.load(arrangement.spread(weight))
    if let bias {
      arrangement.spreadBias(bias).withFloats { _ = self.bias.floats.update(fromContentsOf: $0) }
    } else {
      self.bias.floats.update(repeating: 0)
    }
  }

  func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    if let halves {
      let inputs = scratch.assumingMemoryBound(to: Float.self)
      let outputs = (scratch + halves.inputBytes).assumingMemoryBound(to: Float.self)
      halves.splitInput(x, into: inputs)
      if addsToOutput { halves.splitOutput(y, into: outputs) }
      try compute(x: inputs, y: outputs, scratch: scratch + halves.inputBytes + halves.outputBytes)
      halves.joinOutput(outputs, into: y)
      return
    }
    for portion in 0..<portions.count {
      try compute(x: x + portions.inputOffset(portion), y: y + portions.outputOffset(portion), scratch: scratch)
    }
  }

  private func compute(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    try primitive.run([x.forDNN, filters.pointer, bias.base.forDNN, y.forDNN], scratch: scratch)
  }
}

/// The oneDNN operation for a forward convolution.
struct ForwardPlan {
  let arrangement: FilterArrangement
  let portions: Portions
  let halves: PictureHalves?
  /// The geometry of one run.
  let geometry: ConvolutionGeometry
  let pictures: ConvolutionPictures
  let addsToOutput: Bool
  let node: String
  private let activation: ElementwiseKernels.Function?
  private let training: Bool

  /// Takes the arguments of `ConvolutionForward`.
  init(
    _ g: ConvolutionGeometry, layout: PictureLayout, activation: ElementwiseKernels.Function?, addsToOutput: Bool,
    training: Bool, node: String
  ) {
    arrangement = FilterArrangement(g, layout)
    pictures = ConvolutionPictures(g, layout)
    halves = pictures.winograd ? PictureHalves(g) : nil
    portions = Portions(g, samples: pictures.winograd ? Winograd.samplesPerRun(g, training: training) : g.batch)
    geometry = halves?.geometry ?? portions.part(of: arrangement.geometry)
    self.addsToOutput = addsToOutput
    self.node = node
    self.activation = activation
    self.training = training
  }

  func description() throws(ComputeError) -> PrimitiveDescription {
    let attributes = try PrimitiveAttributes(addsToOutput: addsToOutput, activation: activation, node: node)
    return try PrimitiveDescription(
      ConvolutionOperation.forward(geometry, pictures, hasBias: true, training: training, node: node), attributes,
      node: node)
  }
}

/// A batch divided into equal portions that a kernel processes one after the other.
struct Portions {
  let count: Int
  private let samples: Int
  private let inputCount: Int
  private let outputCount: Int

  /// - Parameter samples: samples per portion; divides the batch.
  init(_ g: ConvolutionGeometry, samples: Int) {
    self.samples = samples
    count = samples == 0 ? 0 : g.batch / samples
    inputCount = samples * g.input.count
    outputCount = samples * g.output.count
  }

  /// The geometry of one portion.
  func part(of geometry: ConvolutionGeometry) -> ConvolutionGeometry {
    var part = geometry
    part.batch = samples
    return part
  }

  /// Offset of a portion in floats.
  func inputOffset(_ portion: Int) -> Int { portion * inputCount }
  func outputOffset(_ portion: Int) -> Int { portion * outputCount }
}
