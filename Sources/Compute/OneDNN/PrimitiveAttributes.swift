import COneDNN

/// Owns the attributes of a primitive: what is fused behind it, and that its working memory comes from the caller.
struct PrimitiveAttributes: ~Copyable {
  let handle: dnnl_primitive_attr_t

  /// - Parameters:
  ///   - addsToOutput: the result is added to what the output holds.
  ///   - activation: what becomes of the result, after that sum; one that `fuses`.
  init(
    addsToOutput: Bool = false, activation: ElementwiseKernels.Function? = nil, node: String
  ) throws(ComputeError) {
    var created: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&created), "dnnl_primitive_attr_create", node: node)
    guard let attributes = created else {
      throw .oneDNN(call: "dnnl_primitive_attr_create", status: 0, node: node)
    }
    do throws(ComputeError) {
      // A library-owned scratch pad belongs to the creating thread; ours may run on another one.
      try check(
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
        "dnnl_primitive_attr_set_scratchpad_mode", node: node)
      if addsToOutput || activation != nil {
        try Self.append(addsToOutput: addsToOutput, activation: activation, to: attributes, node: node)
      }
    } catch {
      dnnl_primitive_attr_destroy(attributes)
      throw error
    }
    handle = attributes
  }

  deinit { dnnl_primitive_attr_destroy(handle) }

  private static func append(
    addsToOutput: Bool, activation: ElementwiseKernels.Function?, to attributes: dnnl_primitive_attr_t, node: String
  ) throws(ComputeError) {
    var operations: dnnl_post_ops_t?
    try check(dnnl_post_ops_create(&operations), "dnnl_post_ops_create", node: node)
    defer { dnnl_post_ops_destroy(operations) }
    if addsToOutput {
      try check(dnnl_post_ops_append_sum(operations, 1), "dnnl_post_ops_append_sum", node: node)
    }
    if let function = activation?.postOperation {
      try check(
        dnnl_post_ops_append_eltwise(operations, 1, function.kind, function.alpha, function.beta),
        "dnnl_post_ops_append_eltwise", node: node)
    }
    try check(
      dnnl_primitive_attr_set_post_ops(attributes, operations), "dnnl_primitive_attr_set_post_ops", node: node)
  }
}

extension ElementwiseKernels.Function {
  /// Whether a convolution's kernel can apply the function to its result while it is in registers.
  public var fuses: Bool { postOperation != nil }

  /// oneDNN's name and parameters of the function; nil where it has none.
  fileprivate var postOperation: (kind: dnnl_alg_kind_t, alpha: Float, beta: Float)? {
    switch self {
    case .relu: (dnnl_eltwise_relu, 0, 0)
    case .leakyRelu(let slope): (dnnl_eltwise_relu, slope, 0)
    case .clip(let low, let high): (dnnl_eltwise_clip, low, high)
    case .sigmoid: (dnnl_eltwise_logistic, 0, 0)
    case .tanh: (dnnl_eltwise_tanh, 0, 0)
    case .silu: (dnnl_eltwise_swish, 1, 0)
    case .hardSwish: (dnnl_eltwise_hardswish, 0, 0)
    case .gelu: (dnnl_eltwise_gelu_erf, 0, 0)
    case .geluTanh: (dnnl_eltwise_gelu_tanh, 0, 0)
    case .hardSigmoid, .exponential, .squareRoot, .errorFunction: nil
    }
  }
}
