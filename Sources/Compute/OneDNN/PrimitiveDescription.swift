import COneDNN

/// Owns a primitive descriptor: oneDNN's choice of an implementation and of layouts for one operation.
struct PrimitiveDescription: ~Copyable {
  let handle: dnnl_primitive_desc_t
  /// The layer it is for, for messages.
  let node: String

  /// - Parameters:
  ///   - operation: a filled operation descriptor of oneDNN (`dnnl_convolution_desc_t` and others).
  ///   - hint: the forward descriptor that a backward one must agree with.
  init<Operation>(
    _ operation: Operation, _ attributes: borrowing PrimitiveAttributes, hint: dnnl_primitive_desc_t? = nil,
    node: String
  ) throws(ComputeError) {
    let engine = try DNNEngine.handle()
    var created: dnnl_primitive_desc_t?
    let status = withUnsafePointer(to: operation) {
      dnnl_primitive_desc_create(&created, $0, attributes.handle, engine, hint)
    }
    try check(status, "dnnl_primitive_desc_create", node: node)
    self = try Self(created, node: node)
  }

  /// A change of layout.
  init(
    reorderFrom source: dnnl_memory_desc_t, to target: dnnl_memory_desc_t,
    _ attributes: borrowing PrimitiveAttributes, node: String
  ) throws(ComputeError) {
    let engine = try DNNEngine.handle()
    var created: dnnl_primitive_desc_t?
    let status = withUnsafePointer(to: source) { source in
      withUnsafePointer(to: target) { target in
        dnnl_reorder_primitive_desc_create(&created, source, engine, target, engine, attributes.handle)
      }
    }
    try check(status, "dnnl_reorder_primitive_desc_create", node: node)
    self = try Self(created, node: node)
  }

  private init(_ created: dnnl_primitive_desc_t?, node: String) throws(ComputeError) {
    guard let created else {
      throw .oneDNN(call: "dnnl_primitive_desc_create", status: 0, node: node)
    }
    handle = created
    self.node = node
  }

  deinit { dnnl_primitive_desc_destroy(handle) }

  /// The layout of one of the operation's blocks; nil where it has none.
  func layout(_ what: dnnl_query_t) -> dnnl_memory_desc_t? {
    guard let layout = dnnl_primitive_desc_query_md(handle, what, 0)?.pointee, layout.ndims > 0 else { return nil }
    return layout
  }

  /// oneDNN's name of the chosen code, such as `jit:avx512_core`; code that is slow starts with `ref`.
  var implementation: String {
    var name: UnsafePointer<CChar>?
    guard dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &name) == dnnl_success, let name else {
      return "unknown"
    }
    return String(cString: name)
  }

  /// Whether the code is oneDNN's plain loops, tens of times slower than its vector code.
  static func isReference(_ implementation: String) -> Bool { implementation.hasPrefix("ref") }
}

extension PrimitiveDescription {
  /// The layout of a block that the operation must have.
  func required(_ what: dnnl_query_t) throws(ComputeError) -> dnnl_memory_desc_t {
    guard let layout = layout(what) else {
      throw .oneDNN(call: "dnnl_primitive_desc_query_md", status: 0, node: node)
    }
    return layout
  }
}
