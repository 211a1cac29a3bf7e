import COneDNN

/// Max or average pooling, and its gradient.
public struct Pooling: ~Copyable {
  /// The reduction over a window.
  public enum Kind: Hashable, Sendable {
    case maximum
    /// `countsPadding`: padding zeros count as elements of the mean.
    case average(countsPadding: Bool)
  }

  /// Scratch memory of `forward` and `backward`, in bytes.
  public let scratchBytes: Int
  /// Memory that `forward` writes for `backward`; 0 without training.
  public let savedBytes: Int
  /// Warning about a slow kernel; nil if the kernel is fast.
  public let slowKernel: SlowKernel?
  private let forwardPrimitive: Primitive
  private let backwardPrimitive: Primitive?

  /// - Parameters:
  ///   - geometry: geometry of a convolution with as many output as input channels.
  ///   - layout: layout of `x` and `y`.
  public init(
    _ geometry: ConvolutionGeometry, _ kind: Kind, layout: PictureLayout = .channelsLast, training: Bool, node: String
  ) throws(ComputeError) {
    precondition(geometry.input.channels == geometry.output.channels, "pooling keeps the number of channels")
    let attributes = try PrimitiveAttributes(node: node)
    var operation = try PoolingOperation(geometry, kind, layout, node: node)
    let forward = try PrimitiveDescription(operation.forward(training: training), attributes, node: node)
    let work = geometry.outputShape.count * geometry.kernel.height * geometry.kernel.width
    let saved = forward.layout(dnnl_query_workspace_md)
    var arguments: [Primitive.Argument] = [
      .init(role: DNNL_ARG_SRC, layout: operation.x), .init(role: DNNL_ARG_DST, layout: operation.y),
    ]
    if let saved { arguments.append(.init(role: DNNL_ARG_WORKSPACE, layout: saved)) }
    let forwardMade = try Primitive(forward, arguments)
    var backwardMade: Primitive?
    var slowKernel = SlowKernel("pooling", operations: work, implementation: forward.implementation, node: node)
    if training {
      let backward = try PrimitiveDescription(operation.backward(), attributes, hint: forward.handle, node: node)
      slowKernel =
        slowKernel
        ?? SlowKernel(
          "gradient of pooling", operations: work, implementation: backward.implementation, node: node)
      arguments[0] = .init(role: DNNL_ARG_DIFF_DST, layout: operation.y)
      arguments[1] = .init(role: DNNL_ARG_DIFF_SRC, layout: operation.x)
      backwardMade = try Primitive(backward, arguments)
    }
    savedBytes = saved.map(DNNLayout.bytes) ?? 0
    scratchBytes = max(forwardMade.scratchBytes, backwardMade?.scratchBytes ?? 0)
    self.slowKernel = slowKernel
    forwardPrimitive = forwardMade
    backwardPrimitive = backwardMade
  }

  public func forward(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, saved: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let pointers = [x.forDNN, y.forDNN]
    try forwardPrimitive.run(savedBytes > 0 ? pointers + [saved] : pointers, scratch: scratch)
  }

  /// - Precondition: created for training.
  public func backward(
    dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, saved: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let pointers = [dy.forDNN, dx.forDNN]
    try backwardPrimitive?.run(savedBytes > 0 ? pointers + [saved] : pointers, scratch: scratch)
  }
}

/// Fills oneDNN's pooling descriptors.
private struct PoolingOperation {
  var x, y: dnnl_memory_desc_t
  private let algorithm: dnnl_alg_kind_t
  private let strides, kernel, before, after: [Int64]
  private let node: String

  init(
    _ g: ConvolutionGeometry, _ kind: Pooling.Kind, _ layout: PictureLayout, node: String
  ) throws(ComputeError) {
    x = try DNNLayout.pictures(g.inputShape, layout, node: node)
    y = try DNNLayout.pictures(g.outputShape, layout, node: node)
    algorithm =
      switch kind {
      case .maximum: dnnl_pooling_max
      case .average(countsPadding: true): dnnl_pooling_avg_include_padding
      case .average(countsPadding: false): dnnl_pooling_avg_exclude_padding
      }
    strides = [g.stride.height, g.stride.width].map(Int64.init)
    kernel = [g.kernel.height, g.kernel.width].map(Int64.init)
    before = [g.padding.top, g.padding.left].map(Int64.init)
    after = [g.padding.bottom, g.padding.right].map(Int64.init)
    self.node = node
  }

  mutating func forward(training: Bool) throws(ComputeError) -> dnnl_pooling_desc_t {
    var operation = dnnl_pooling_desc_t()
    try check(
      dnnl_pooling_forward_desc_init(
        &operation, training ? dnnl_forward_training : dnnl_forward_inference, algorithm, &x, &y, strides, kernel,
        before, after),
      "dnnl_pooling_forward_desc_init", node: node)
    return operation
  }

  mutating func backward() throws(ComputeError) -> dnnl_pooling_desc_t {
    var operation = dnnl_pooling_desc_t()
    try check(
      dnnl_pooling_backward_desc_init(&operation, algorithm, &x, &y, strides, kernel, before, after),
      "dnnl_pooling_backward_desc_init", node: node)
    return operation
  }
}
