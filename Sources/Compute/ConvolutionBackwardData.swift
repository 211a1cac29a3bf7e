import COneDNN

/// Gradient of a convolution with respect to its input.
///
/// At stride 1 this is itself a convolution, of the output gradient with mirrored filters, and oneDNN's forward kernel
/// takes half the time of its backward kernel (measured: 16 channels, 5×5).
public struct ConvolutionBackwardData: ~Copyable {
  private enum Kernel: ~Copyable {
    case mirrored(MirroredBackwardData)
    case direct(DirectBackwardData)
    case matrix(MatrixConvolution)
  }

  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  /// Name of the selected kernel: oneDNN's own, or that of `MatrixConvolution`.
  public let implementation: String
  /// Warning about a slow kernel; nil if the kernel is fast.
  public let slowKernel: SlowKernel?
  private let kernel: Kernel
  private let detour: KernelDetour?

  /// - Parameters:
  ///   - layout: layout of `dy` and `dx`.
  ///   - training: whether the filters change with every step.
  public init(
    _ geometry: ConvolutionGeometry, layout: PictureLayout = .channelsLast, training: Bool = false, node: String
  ) throws(ComputeError) {
    if let mirrored = MirroredFilters(geometry) {
      let forward = try ConvolutionForward(mirrored.geometry, layout: layout, training: training, node: node)
      scratchBytes = forward.scratchBytes
      implementation = forward.implementation
      slowKernel = forward.slowKernel
      kernel = .mirrored(MirroredBackwardData(forward: forward, mirror: mirrored))
      detour = nil
      return
    }
    let code = try FastestLayout.find(layout) { layout throws(ComputeError) in
      try DirectBackwardData.description(geometry, layout, node: node).implementation
    }
    let detour =
      code.layout == layout || layout == .channelsLast
      ? nil : try KernelDetour(from: geometry.outputShape, to: geometry.inputShape, node: node)
    let kernel: Kernel
    let bytes: Int
    if let layout = code.layout {
      let direct = try DirectBackwardData(geometry, layout, node: node)
      bytes = direct.primitive.scratchBytes
      kernel = .direct(direct)
    } else {
      let matrix = MatrixConvolution(geometry)
      bytes = matrix.scratchBytes
      kernel = .matrix(matrix)
    }
    scratchBytes = detour?.scratchBytes(around: bytes) ?? bytes
    implementation = code.implementation
    slowKernel = SlowKernel(geometry, implementation: implementation, node: node)
    self.detour = detour
    self.kernel = kernel
  }

  /// Loads the filters, `[K, C / groups, R, S]`.
  public func load(weight: Tensor) throws(ComputeError) {
    switch kernel {
    case .mirrored(let kernel): try kernel.forward.load(weight: kernel.mirror.filters(of: weight), bias: nil)
    case .direct(let direct): try direct.filters.load(weight)
    case .matrix(let matrix): matrix.load(weight: weight)
    }
  }

  public func run(
    dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    guard let detour else { return try compute(dy: dy, dx: dx, scratch: scratch) }
    try detour.run(x: dy, y: dx, readsOutput: false, scratch: scratch) { dy, dx, scratch throws(ComputeError) in
      try compute(dy: dy, dx: dx, scratch: scratch)
    }
  }

  private func compute(
    dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    switch kernel {
    case .mirrored(let kernel): try kernel.forward.run(x: dy, y: dx, scratch: scratch)
    case .direct(let direct):
      try direct.primitive.run([dy.forDNN, direct.filters.pointer, dx.forDNN], scratch: scratch)
    case .matrix(let matrix): try matrix.backwardData(dy: dy, dx: dx, scratch: scratch)
    }
  }
}

private struct MirroredBackwardData: ~Copyable {
  let forward: ConvolutionForward
  let mirror: MirroredFilters
}

/// oneDNN's own backward kernel.
private struct DirectBackwardData: ~Copyable {
  let primitive: Primitive
  let filters: FilterPacking

  init(_ geometry: ConvolutionGeometry, _ layout: PictureLayout, node: String) throws(ComputeError) {
    let description = try Self.description(geometry, layout, node: node)
    let weightLayout = try description.required(dnnl_query_weights_md)
    let made = try Primitive(
      description,
      [
        .init(role: DNNL_ARG_DIFF_DST, layout: try DNNLayout.pictures(geometry.outputShape, layout, node: node)),
        .init(role: DNNL_ARG_WEIGHTS, layout: weightLayout),
        .init(role: DNNL_ARG_DIFF_SRC, layout: try DNNLayout.pictures(geometry.inputShape, layout, node: node)),
      ])
    let packing = try FilterPacking(geometry, packed: weightLayout, node: node)
    primitive = made
    filters = packing
  }

  static func description(
    _ geometry: ConvolutionGeometry, _ layout: PictureLayout, node: String
  ) throws(ComputeError) -> PrimitiveDescription {
    let pictures = ConvolutionPictures(layout: layout, winograd: false)
    let attributes = try PrimitiveAttributes(node: node)
    let forward = try PrimitiveDescription(
      ConvolutionOperation.forward(geometry, pictures, hasBias: false, training: true, node: node), attributes,
      node: node)
    return try PrimitiveDescription(
      ConvolutionOperation.backwardData(geometry, pictures, node: node), attributes, hint: forward.handle, node: node)
  }
}
