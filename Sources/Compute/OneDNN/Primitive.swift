import COneDNN

/// Owns a compiled primitive and its argument list; the caller passes the pointers to each run.
///
/// Used by one thread at a time.
struct Primitive: ~Copyable {
  /// A buffer that the primitive reads or writes.
  struct Argument {
    /// oneDNN's argument index (`DNNL_ARG_…`).
    let role: Int32
    let layout: dnnl_memory_desc_t
  }

  /// Scratch memory of a run, in bytes.
  let scratchBytes: Int
  private let parts: Parts

  /// - Parameter arguments: in the order in which `run` takes their pointers.
  init(_ description: borrowing PrimitiveDescription, _ arguments: [Argument]) throws(ComputeError) {
    let node = description.node
    var all = arguments
    let scratch = description.layout(dnnl_query_scratchpad_md)
    if let scratch { all.append(Argument(role: DNNL_ARG_SCRATCHPAD, layout: scratch)) }
    let made = Parts(capacity: all.count)
    try check(dnnl_primitive_create(&made.primitive, description.handle), "dnnl_primitive_create", node: node)
    let engine = try DNNEngine.handle()
    try check(
      dnnl_stream_create(&made.stream, engine, UInt32(dnnl_stream_default_flags.rawValue)), "dnnl_stream_create",
      node: node)
    for argument in all {
      var memory: dnnl_memory_t?
      let status = withUnsafePointer(to: argument.layout) { dnnl_memory_create(&memory, $0, engine, nil) }
      try check(status, "dnnl_memory_create", node: node)
      made.arguments.append(dnnl_exec_arg_t(arg: argument.role, memory: memory))
    }
    made.node = node
    scratchBytes = scratch.map(DNNLayout.bytes) ?? 0
    parts = made
  }

  /// A reorder between layouts; `run` takes the source, then the target.
  init(
    reorderFrom source: dnnl_memory_desc_t, to target: dnnl_memory_desc_t, node: String
  ) throws(ComputeError) {
    let attributes = try PrimitiveAttributes(node: node)
    let description = try PrimitiveDescription(reorderFrom: source, to: target, attributes, node: node)
    self = try Primitive(
      description, [.init(role: DNNL_ARG_FROM, layout: source), .init(role: DNNL_ARG_TO, layout: target)])
  }

  /// Runs synchronously on the calling thread.
  ///
  /// - Parameters:
  ///   - pointers: one per argument, to a buffer in its layout.
  ///   - scratch: `scratchBytes`, 64-byte aligned.
  func run(_ pointers: [UnsafeMutableRawPointer], scratch: UnsafeMutableRawPointer?) throws(ComputeError) {
    let arguments = parts.arguments
    for (argument, pointer) in zip(arguments, pointers) {
      try check(
        dnnl_memory_set_data_handle(argument.memory, pointer), "dnnl_memory_set_data_handle", node: parts.node)
    }
    if let pad = arguments.last, pad.arg == DNNL_ARG_SCRATCHPAD {
      try check(dnnl_memory_set_data_handle(pad.memory, scratch), "dnnl_memory_set_data_handle", node: parts.node)
    }
    try check(
      dnnl_primitive_execute(parts.primitive, parts.stream, Int32(arguments.count), arguments),
      "dnnl_primitive_execute", node: parts.node)
  }

  /// The C objects; a class so that a failure during creation frees those that exist.
  private final class Parts {
    var primitive: dnnl_primitive_t?
    var stream: dnnl_stream_t?
    var arguments: [dnnl_exec_arg_t] = []
    var node = ""

    init(capacity: Int) { arguments.reserveCapacity(capacity) }

    deinit {
      for argument in arguments { dnnl_memory_destroy(argument.memory) }
      if let stream { dnnl_stream_destroy(stream) }
      if let primitive { dnnl_primitive_destroy(primitive) }
    }
  }
}

extension UnsafePointer<Float> {
  /// The pointer as oneDNN takes it: its API has no read-only memory; the argument's role determines what is written.
  var forDNN: UnsafeMutableRawPointer { UnsafeMutableRawPointer(mutating: self) }
}

extension UnsafeMutablePointer<Float> {
  var forDNN: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }
}

/// Owns the attributes of a primitive: its fused post-operations, and scratch memory supplied by the caller.
struct PrimitiveAttributes: ~Copyable {
  let handle: dnnl_primitive_attr_t

  /// - Parameters:
  ///   - addsToOutput: adds the result to the contents of the output.
  ///   - activation: applied to the result after that sum; `fuses` must hold for it.
  init(
    addsToOutput: Bool = false, activation: ElementwiseKernels.Function? = nil, node: String
  ) throws(ComputeError) {
    var created: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&created), "dnnl_primitive_attr_create", node: node)
    guard let attributes = created else {
      throw .oneDNN(call: "dnnl_primitive_attr_create", status: 0, node: node)
    }
    do throws(ComputeError) {
      // A library-owned scratchpad belongs to the creating thread; primitives here may run on another one.
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
  /// Whether a convolution kernel can apply the function to its result in registers.
  public var fuses: Bool { postOperation != nil }

  /// oneDNN's algorithm and parameters for the function; nil if it has none.
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

/// Owns a primitive descriptor: oneDNN's choice of implementation and layouts for one operation.
struct PrimitiveDescription: ~Copyable {
  let handle: dnnl_primitive_desc_t
  /// The layer's name, for messages.
  let node: String

  /// - Parameters:
  ///   - operation: a filled operation descriptor of oneDNN (`dnnl_convolution_desc_t` and others).
  ///   - hint: the forward descriptor that a backward descriptor must match.
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

  /// A reorder between layouts.
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

  /// The layout of one of the operation's buffers; nil if it has none.
  func layout(_ what: dnnl_query_t) -> dnnl_memory_desc_t? {
    guard let layout = dnnl_primitive_desc_query_md(handle, what, 0)?.pointee, layout.ndims > 0 else { return nil }
    return layout
  }

  /// oneDNN's name of the selected kernel, such as `jit:avx512_core`; reference kernels start with `ref`.
  var implementation: String {
    var name: UnsafePointer<CChar>?
    guard dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &name) == dnnl_success, let name else {
      return "unknown"
    }
    return String(cString: name)
  }

  /// Whether the kernel is oneDNN's reference loops, tens of times slower than its vectorised kernels.
  static func isReference(_ implementation: String) -> Bool { implementation.hasPrefix("ref") }
}

extension PrimitiveDescription {
  /// The layout of a buffer that the operation must have.
  func required(_ what: dnnl_query_t) throws(ComputeError) -> dnnl_memory_desc_t {
    guard let layout = layout(what) else {
      throw .oneDNN(call: "dnnl_primitive_desc_query_md", status: 0, node: node)
    }
    return layout
  }
}
