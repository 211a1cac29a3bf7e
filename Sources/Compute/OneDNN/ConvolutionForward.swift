import COneDNN

/// Convolution forward: `y = f(w ∗ x + b)`.
public struct ConvolutionForward: ~Copyable {
  /// Working memory of `run`.
  public let scratchBytes: Int
  /// oneDNN's name of the chosen code.
  public let implementation: String
  private let arrangement: FilterArrangement
  private let portions: Portions
  private let primitive: Primitive
  private let filters: FilterPacking
  private let bias: AlignedStorage

  /// - Parameters:
  ///   - layout: of `x` and `y`.
  ///   - activation: the function f, one that `fuses`; Winograd's kernels know none but the ReLU.
  ///   - addsToOutput: the result is added to what `y` holds, before the activation.
  ///   - training: the filters change with every step.
  ///   - node: the layer's name, for messages.
  public init(
    _ geometry: ConvolutionGeometry, layout: PictureLayout = .channelsLast,
    activation: ElementwiseKernels.Function? = nil, addsToOutput: Bool = false, training: Bool = false, node: String
  ) throws(ComputeError) {
    let arrangement = FilterArrangement(geometry, layout)
    let pictures = ConvolutionPictures(geometry, layout)
    let portions = Portions(
      geometry,
      samples: pictures.winograd ? Winograd.samplesPerRun(geometry, training: training) : geometry.batch)
    let geometry = portions.part(of: arrangement.geometry)
    let attributes = try PrimitiveAttributes(addsToOutput: addsToOutput, activation: activation, node: node)
    let operation = try ConvolutionOperation.forward(
      geometry, pictures, hasBias: true, training: training, node: node)
    let description = try PrimitiveDescription(operation, attributes, node: node)
    try description.requireFast(work: geometry.multiplications)
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
    implementation = description.implementation
    scratchBytes = made.scratchBytes
    primitive = made
    filters = packing
    self.arrangement = arrangement
    self.portions = portions
  }

  /// Takes over the filters `[K, C / groups, R, S]` and the bias `[K]` (none: zeros).
  public func load(weight: Tensor, bias: Tensor?) throws(ComputeError) {
    try filters.load(arrangement.spread(weight))
    if let bias {
      arrangement.spreadBias(bias).withFloats { _ = self.bias.floats.update(fromContentsOf: $0) }
    } else {
      self.bias.floats.update(repeating: 0)
    }
  }

  public func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    for portion in 0..<portions.count {
      let (x, y) = (x + portions.inputOffset(portion), y + portions.outputOffset(portion))
      try primitive.run([x.forDNN, filters.pointer, bias.base.forDNN, y.forDNN], scratch: scratch)
    }
  }
}

/// A batch cut into equal numbers of samples that go through a kernel one after the other.
struct Portions {
  let count: Int
  private let samples: Int
  private let inputCount: Int
  private let outputCount: Int

  /// - Parameter samples: of each portion; divides the batch.
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

  /// Floats before a portion.
  func inputOffset(_ portion: Int) -> Int { portion * inputCount }
  func outputOffset(_ portion: Int) -> Int { portion * outputCount }
}
