import COneDNN

/// oneDNN's gradients of a convolution with respect to its filters and bias.
struct DNNBackwardWeights: ~Copyable {
  let scratchBytes: Int
  private let primitive: Primitive
  private let filters: PackedFilterGradient
  private let bias: AlignedStorage?
  /// Accumulates the gradients of several portions.
  private let filterSum: GradientSum?
  private let biasSum: GradientSum?
  private let pairing: PixelPairing?
  private let portions: Portions
  private let packedShape: Shape

  /// Takes the arguments of `ConvolutionBackwardWeights`.
  init(
    _ geometry: ConvolutionGeometry, layout: PictureLayout, hasBias: Bool, node: String
  ) throws(ComputeError) {
    let plan = BackwardWeightsPlan(geometry, layout)
    let description = try plan.description(hasBias: hasBias, node: node)
    let (geometry, portions) = (plan.geometry, plan.portions)
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
    pairing = plan.pairing
    self.portions = portions
    scratchBytes = made.scratchBytes
    primitive = made
    filters = packing
  }

  /// Name of the kernel that oneDNN would choose.
  static func implementation(
    _ geometry: ConvolutionGeometry, layout: PictureLayout, hasBias: Bool, node: String
  ) throws(ComputeError) -> String {
    try BackwardWeightsPlan(geometry, layout).description(hasBias: hasBias, node: node).implementation
  }

  func run(
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

  /// With pixel pairing, each channel's gradient comes in two parts.
  private func storeBias(_ bias: AlignedStorage, to db: UnsafeMutablePointer<Float>) {
    let count = bias.floats.count / (pairing == nil ? 1 : 2)
    db.update(from: bias.base, count: count)
    if pairing != nil { VectorKernels.add(bias.base + count, to: db, count: count) }
  }
}

/// The oneDNN operation for one portion.
private struct BackwardWeightsPlan {
  let pairing: PixelPairing?
  let portions: Portions
  /// The geometry of one portion.
  let geometry: ConvolutionGeometry
  private let pictures: ConvolutionPictures

  init(_ g: ConvolutionGeometry, _ layout: PictureLayout) {
    pairing = layout == .channelsLast ? PixelPairing(g, resultChannels: \.output.channels) : nil
    pictures = ConvolutionPictures(g, layout)
    portions = Portions(g, samples: pictures.winograd ? Winograd.samplesPerRun(g, training: true) : g.batch)
    geometry = portions.part(of: pairing?.geometry ?? g)
  }

  func description(hasBias: Bool, node: String) throws(ComputeError) -> PrimitiveDescription {
    let attributes = try PrimitiveAttributes(node: node)
    let forward = try PrimitiveDescription(
      ConvolutionOperation.forward(geometry, pictures, hasBias: hasBias, training: true, node: node), attributes,
      node: node)
    return try PrimitiveDescription(
      ConvolutionOperation.backwardWeights(geometry, pictures, hasBias: hasBias, node: node), attributes,
      hint: forward.handle, node: node)
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
