import COneDNN

/// Gradients of a convolution with respect to its filters and bias, summed over the batch.
public struct ConvolutionBackwardWeights: ~Copyable {
  /// Working memory of `run`.
  public let scratchBytes: Int
  /// oneDNN's name of the chosen code.
  public let implementation: String
  private let primitive: Primitive
  private let filters: PackedFilterGradient
  private let bias: AlignedStorage?
  /// Where the gradients of several portions come together.
  private let filterSum: GradientSum?
  private let biasSum: GradientSum?
  private let pairing: PixelPairing?
  private let portions: Portions
  private let packedShape: Shape

  /// - Parameter layout: of `x` and `dy`.
  public init(
    _ geometry: ConvolutionGeometry, layout: PictureLayout = .channelsLast, hasBias: Bool, node: String
  ) throws(ComputeError) {
    let pairing = layout == .channelsLast ? PixelPairing(geometry, resultChannels: \.output.channels) : nil
    let pictures = ConvolutionPictures(geometry, layout)
    let portions = Portions(
      geometry, samples: pictures.winograd ? Winograd.samplesPerRun(geometry, training: true) : geometry.batch)
    let geometry = portions.part(of: pairing?.geometry ?? geometry)
    let attributes = try PrimitiveAttributes(node: node)
    let forward = try PrimitiveDescription(
      ConvolutionOperation.forward(geometry, pictures, hasBias: hasBias, training: true, node: node), attributes,
      node: node)
    let description = try PrimitiveDescription(
      ConvolutionOperation.backwardWeights(geometry, pictures, hasBias: hasBias, node: node), attributes,
      hint: forward.handle,
      node: node)
    try description.requireFast(work: geometry.multiplications)
    let weightLayout = try description.required(dnnl_query_diff_weights_md)
    var arguments: [Primitive.Argument] = [
      .init(role: DNNL_ARG_SRC, layout: try DNNLayout.pictures(geometry.inputShape, layout, node: node)),
      .init(role: DNNL_ARG_DIFF_DST, layout: try DNNLayout.pictures(geometry.outputShape, layout, node: node)),
      .init(role: DNNL_ARG_DIFF_WEIGHTS, layout: weightLayout),
    ]
    if hasBias {
      let layout = try DNNLayout.vector(geometry.output.channels, node: node)
      arguments.append(.init(role: DNNL_ARG_DIFF_BIAS, layout: layout))
    }
    let made = try Primitive(description, arguments)
    let packing = try PackedFilterGradient(geometry, packed: weightLayout, node: node)
    bias = hasBias ? AlignedStorage(repeating: 0, count: geometry.output.channels) : nil
    filterSum = portions.count > 1 ? GradientSum(count: packing.floats.count) : nil
    biasSum = portions.count > 1 && hasBias ? GradientSum(count: geometry.output.channels) : nil
    packedShape = geometry.weightShape
    self.pairing = pairing
    self.portions = portions
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
    for portion in 0..<portions.count {
      let (x, dy) = (x + portions.inputOffset(portion), dy + portions.outputOffset(portion))
      var pointers = [x.forDNN, dy.forDNN, filters.pointer]
      if let bias { pointers.append(bias.base.forDNN) }
      try primitive.run(pointers, scratch: scratch)
      filterSum?.add(filters.floats, isFirst: portion == 0)
      if let bias { biasSum?.add(bias.floats, isFirst: portion == 0) }
    }
    filterSum?.move(to: filters.floats)
    if let bias { biasSum?.move(to: bias.floats) }
    if let pairing {
      pairing.gather(try filters.tensor(packedShape), into: dw)
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

/// Sum of the gradients of portions of a batch.
private struct GradientSum {
  private let storage: AlignedStorage

  init(count: Int) { storage = AlignedStorage(repeating: 0, count: count) }

  func add(_ part: UnsafeMutableBufferPointer<Float>, isFirst: Bool) {
    if isFirst {
      storage.base.update(from: part.start, count: part.count)
    } else {
      VectorKernels.add(part.start, to: storage.base, count: part.count)
    }
  }

  func move(to total: UnsafeMutableBufferPointer<Float>) {
    total.start.update(from: storage.base, count: total.count)
  }
}
