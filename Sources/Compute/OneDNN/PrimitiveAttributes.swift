import COneDNN

/// Owns the attributes of a primitive: what is fused behind it, and that its working memory comes from the caller.
struct PrimitiveAttributes: ~Copyable {
  let handle: dnnl_primitive_attr_t

  /// - Parameters:
  ///   - addsToOutput: the result is added to what the output holds.
  ///   - relu: the result, after that sum, is cut off below zero.
  init(addsToOutput: Bool = false, relu: Bool = false, node: String) throws(ComputeError) {
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
      if addsToOutput || relu {
        try Self.append(addsToOutput: addsToOutput, relu: relu, to: attributes, node: node)
      }
    } catch {
      dnnl_primitive_attr_destroy(attributes)
      throw error
    }
    handle = attributes
  }

  deinit { dnnl_primitive_attr_destroy(handle) }

  private static func append(
    addsToOutput: Bool, relu: Bool, to attributes: dnnl_primitive_attr_t, node: String
  ) throws(ComputeError) {
    var operations: dnnl_post_ops_t?
    try check(dnnl_post_ops_create(&operations), "dnnl_post_ops_create", node: node)
    defer { dnnl_post_ops_destroy(operations) }
    if addsToOutput {
      try check(dnnl_post_ops_append_sum(operations, 1), "dnnl_post_ops_append_sum", node: node)
    }
    if relu {
      try check(
        dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0), "dnnl_post_ops_append_eltwise",
        node: node)
    }
    try check(
      dnnl_primitive_attr_set_post_ops(attributes, operations), "dnnl_primitive_attr_set_post_ops", node: node)
  }
}
