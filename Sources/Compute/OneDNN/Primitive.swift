import COneDNN

/// Owns a compiled primitive and the list of its arguments; the caller's pointers are put in at each run.
///
/// Used by one thread at a time.
struct Primitive: ~Copyable {
  /// One block that the primitive reads or writes.
  struct Argument {
    /// oneDNN's number for its role.
    let role: Int32
    let layout: dnnl_memory_desc_t
  }

  /// Working memory that a run needs.
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

  /// A change of layout; `run` takes where from, then where to.
  init(
    reorderFrom source: dnnl_memory_desc_t, to target: dnnl_memory_desc_t, node: String
  ) throws(ComputeError) {
    let attributes = try PrimitiveAttributes(node: node)
    let description = try PrimitiveDescription(reorderFrom: source, to: target, attributes, node: node)
    self = try Primitive(
      description, [.init(role: DNNL_ARG_FROM, layout: source), .init(role: DNNL_ARG_TO, layout: target)])
  }

  /// Runs to the end on the calling thread.
  ///
  /// - Parameters:
  ///   - pointers: one for each argument, to blocks of its layout.
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

  /// The C objects; a class so that a failure half-way frees what exists.
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
  /// As oneDNN takes it: its API knows no read-only memory, the arguments' roles say what is written.
  var forDNN: UnsafeMutableRawPointer { UnsafeMutableRawPointer(mutating: self) }
}

extension UnsafeMutablePointer<Float> {
  var forDNN: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }
}
