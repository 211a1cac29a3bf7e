import COneDNN

/// Convolution forward: `y = relu(w ∗ x + b)`, pictures in `[N, H, W, C]` order.
public struct ConvolutionForward: ~Copyable {
  /// Working memory of `run`.
  public let scratchBytes: Int
  /// oneDNN's name of the chosen code.
  public let implementation: String
  private let pairing: PixelPairing?
  private let primitive: Primitive
  private let filters: FilterPacking
  private let bias: AlignedStorage

  /// - Parameters:
  ///   - relu: negative results become 0.
  ///   - addsToOutput: the result is added to what `y` holds (before the ReLU).
  ///   - training: gradients will be asked for.
  ///   - node: the layer's name, for messages.
  public init(
    _ geometry: ConvolutionGeometry, relu: Bool = false, addsToOutput: Bool = false, training: Bool = false,
    node: String
  ) throws(ComputeError) {
    let pairing = PixelPairing(geometry, resultChannels: \.output.channels)
    let geometry = pairing?.geometry ?? geometry
    let attributes = try PrimitiveAttributes(addsToOutput: addsToOutput, relu: relu, node: node)
    let operation = try ConvolutionOperation.forward(geometry, hasBias: true, training: training, node: node)
    let description = try PrimitiveDescription(operation, attributes, node: node)
    try description.requireFast(work: geometry.multiplications)
    let weightLayout = try description.required(dnnl_query_weights_md)
    let made = try Primitive(
      description,
      [
        .init(role: DNNL_ARG_SRC, layout: try DNNLayout.pictures(geometry.inputShape, node: node)),
        .init(role: DNNL_ARG_WEIGHTS, layout: weightLayout),
        .init(role: DNNL_ARG_BIAS, layout: try DNNLayout.vector(geometry.output.channels, node: node)),
        .init(role: DNNL_ARG_DST, layout: try DNNLayout.pictures(geometry.outputShape, node: node)),
      ])
    let packing = try FilterPacking(geometry, packed: weightLayout, node: node)
    bias = AlignedStorage(repeating: 0, count: geometry.output.channels)
    implementation = description.implementation
    scratchBytes = made.scratchBytes
    primitive = made
    filters = packing
    self.pairing = pairing
  }

  /// Takes over the filters `[K, C / groups, R, S]` and the bias `[K]` (none: zeros).
  public func load(weight: Tensor, bias: Tensor?) throws(ComputeError) {
    try filters.load(pairing?.spread(weight) ?? weight)
    if let bias {
      (pairing?.spreadBias(bias) ?? bias).withFloats { _ = self.bias.floats.update(fromContentsOf: $0) }
    } else {
      self.bias.floats.update(repeating: 0)
    }
  }

  public func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    try primitive.run([x.forDNN, filters.pointer, bias.base.forDNN, y.forDNN], scratch: scratch)
  }
}
