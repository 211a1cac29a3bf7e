import COneDNN

/// Gradients of a convolution with respect to its filters and bias, summed over the batch.
public struct ConvolutionBackwardWeights: ~Copyable {
  /// Working memory of `run`.
  public let scratchBytes: Int
  /// oneDNN's name of the chosen code.
  public let implementation: String
  private let primitive: Primitive
  private let filters: FilterPacking
  private let bias: AlignedStorage?
  private let pairing: PixelPairing?
  private let packedShape: Shape

  public init(_ geometry: ConvolutionGeometry, hasBias: Bool, node: String) throws(ComputeError) {
    let pairing = PixelPairing(geometry, resultChannels: \.output.channels)
    let geometry = pairing?.geometry ?? geometry
    let attributes = try PrimitiveAttributes(node: node)
    let forward = try PrimitiveDescription(
      ConvolutionOperation.forward(geometry, hasBias: hasBias, training: true, node: node), attributes, node: node)
    let description = try PrimitiveDescription(
      ConvolutionOperation.backwardWeights(geometry, hasBias: hasBias, node: node), attributes, hint: forward.handle,
      node: node)
    try description.requireFast(work: geometry.multiplications)
    let weightLayout = try description.required(dnnl_query_diff_weights_md)
    var arguments: [Primitive.Argument] = [
      .init(role: DNNL_ARG_SRC, layout: try DNNLayout.pictures(geometry.inputShape, node: node)),
      .init(role: DNNL_ARG_DIFF_DST, layout: try DNNLayout.pictures(geometry.outputShape, node: node)),
      .init(role: DNNL_ARG_DIFF_WEIGHTS, layout: weightLayout),
    ]
    if hasBias {
      let layout = try DNNLayout.vector(geometry.output.channels, node: node)
      arguments.append(.init(role: DNNL_ARG_DIFF_BIAS, layout: layout))
    }
    let made = try Primitive(description, arguments)
    let packing = try FilterPacking(geometry, packed: weightLayout, node: node)
    bias = hasBias ? AlignedStorage(repeating: 0, count: geometry.output.channels) : nil
    packedShape = geometry.weightShape
    self.pairing = pairing
    implementation = description.implementation
    scratchBytes = made.scratchBytes
    primitive = made
    filters = packing
  }

  /// - Parameters:
  ///   - dw: `[K, C / groups, R, S]`, written.
  ///   - db: `[K]`, written; nil exactly when the kernel was made without a bias.
  public func run(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dw: UnsafeMutablePointer<Float>,
    db: UnsafeMutablePointer<Float>?, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    var pointers = [x.forDNN, dy.forDNN, filters.pointer]
    if let bias { pointers.append(bias.base.forDNN) }
    try primitive.run(pointers, scratch: scratch)
    if let pairing {
      pairing.gather(try filters.gradient(packedShape), into: dw)
    } else {
      try filters.store(to: dw)
    }
    if let bias, let db { storeBias(bias, to: db) }
  }

  /// With pairs, each channel's gradient comes in two parts.
  private func storeBias(_ bias: AlignedStorage, to db: UnsafeMutablePointer<Float>) {
    let count = bias.floats.count / (pairing == nil ? 1 : 2)
    db.update(from: bias.base, count: count)
    if pairing != nil { VectorKernels.add(bias.base + count, to: db, count: count) }
  }
}
