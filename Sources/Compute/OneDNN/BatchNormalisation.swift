import COneDNN

/// Batch normalisation with batch statistics (Ioffe and Szegedy 2015), optionally followed by ReLU, and its
/// gradient.
///
/// With fixed statistics it is a scale and a shift per channel: `VectorKernels.scaleAndShift`.
public struct BatchNormalisation: ~Copyable {
  /// Scratch memory of `forward` and `backward`, in bytes.
  public let scratchBytes: Int
  /// Memory that `forward` writes for `backward`.
  public let savedBytes: Int
  /// Warning about a slow kernel; nil if the kernel is fast.
  public let slowKernel: SlowKernel?
  private let channels: Int
  private let forwardPrimitive: Primitive
  private let backwardPrimitive: Primitive
  /// Gamma, then beta.
  private let scaleShift: AlignedStorage
  private let scaleShiftGradient: AlignedStorage
  private let mean: AlignedStorage
  private let variance: AlignedStorage

  /// - Parameters:
  ///   - shape: `[N, C, H, W]`.
  ///   - layout: layout of the images and their gradients.
  public init(
    _ shape: Shape, layout: PictureLayout = .channelsLast, epsilon: Float, relu: Bool, node: String
  ) throws(ComputeError) {
    let attributes = try PrimitiveAttributes(node: node)
    var x = try DNNLayout.pictures(shape, layout, node: node)
    let flags = dnnl_use_scaleshift.rawValue | (relu ? dnnl_fuse_norm_relu.rawValue : 0)
    var operation = dnnl_batch_normalization_desc_t()
    try check(
      dnnl_batch_normalization_forward_desc_init(&operation, dnnl_forward_training, &x, epsilon, flags),
      "dnnl_batch_normalization_forward_desc_init", node: node)
    let forward = try PrimitiveDescription(operation, attributes, node: node)
    var gradient = dnnl_batch_normalization_desc_t()
    var dx = x
    try check(
      dnnl_batch_normalization_backward_desc_init(&gradient, dnnl_backward, &dx, &x, epsilon, flags),
      "dnnl_batch_normalization_backward_desc_init", node: node)
    let backward = try PrimitiveDescription(gradient, attributes, hint: forward.handle, node: node)

    let scaleShiftLayout = try forward.required(dnnl_query_weights_md)
    let vector = try DNNLayout.vector(shape[1], node: node)
    let saved = forward.layout(dnnl_query_workspace_md)
    let mask = saved.map { [Primitive.Argument(role: DNNL_ARG_WORKSPACE, layout: $0)] } ?? []
    let forwardMade = try Primitive(
      forward,
      [
        .init(role: DNNL_ARG_SRC, layout: x), .init(role: DNNL_ARG_SCALE_SHIFT, layout: scaleShiftLayout),
        .init(role: DNNL_ARG_MEAN, layout: vector), .init(role: DNNL_ARG_VARIANCE, layout: vector),
        .init(role: DNNL_ARG_DST, layout: x),
      ] + mask)
    let backwardMade = try Primitive(
      backward,
      [
        .init(role: DNNL_ARG_SRC, layout: x), .init(role: DNNL_ARG_SCALE_SHIFT, layout: scaleShiftLayout),
        .init(role: DNNL_ARG_MEAN, layout: vector), .init(role: DNNL_ARG_VARIANCE, layout: vector),
        .init(role: DNNL_ARG_DIFF_DST, layout: x), .init(role: DNNL_ARG_DIFF_SRC, layout: x),
        .init(role: DNNL_ARG_DIFF_SCALE_SHIFT, layout: scaleShiftLayout),
      ] + mask)
    savedBytes = saved.map(DNNLayout.bytes) ?? 0
    scratchBytes = max(forwardMade.scratchBytes, backwardMade.scratchBytes)
    slowKernel =
      SlowKernel("batch norm", operations: shape.count, implementation: forward.implementation, node: node)
      ?? SlowKernel(
        "gradient of batch norm", operations: shape.count, implementation: backward.implementation, node: node)
    forwardPrimitive = forwardMade
    backwardPrimitive = backwardMade
    channels = shape[1]
    scaleShift = AlignedStorage(repeating: 0, count: 2 * shape[1])
    scaleShiftGradient = AlignedStorage(repeating: 0, count: 2 * shape[1])
    mean = AlignedStorage(repeating: 0, count: shape[1])
    variance = AlignedStorage(repeating: 0, count: shape[1])
  }

  /// Loads gamma and beta, `[C]` each.
  public func load(scale: Tensor, shift: Tensor) {
    scale.withFloats { scaleShift.base.update(from: $0.start, count: channels) }
    shift.withFloats { (scaleShift.base + channels).update(from: $0.start, count: channels) }
  }

  /// Mean and biased variance of each channel over the last batch, `[C]`.
  public var batchStatistics: (mean: UnsafePointer<Float>, variance: UnsafePointer<Float>) {
    (UnsafePointer(mean.base), UnsafePointer(variance.base))
  }

  public func forward(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, saved: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let pointers = [x.forDNN, scaleShift.base.forDNN, mean.base.forDNN, variance.base.forDNN, y.forDNN]
    try forwardPrimitive.run(savedBytes > 0 ? pointers + [saved] : pointers, scratch: scratch)
  }

  /// - Parameters:
  ///   - dx: may alias `dy`.
  ///   - dScale: `[C]`, written.
  ///   - dShift: `[C]`, written.
  public func backward(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
    dScale: UnsafeMutablePointer<Float>, dShift: UnsafeMutablePointer<Float>, saved: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let pointers = [
      x.forDNN, scaleShift.base.forDNN, mean.base.forDNN, variance.base.forDNN, dy.forDNN, dx.forDNN,
      scaleShiftGradient.base.forDNN,
    ]
    try backwardPrimitive.run(savedBytes > 0 ? pointers + [saved] : pointers, scratch: scratch)
    dScale.update(from: scaleShiftGradient.base, count: channels)
    dShift.update(from: scaleShiftGradient.base + channels, count: channels)
  }
}
