import COneDNN

/// Fully connected layer forward, `y = relu(x·Wᵀ + b)`, with the weights in place: for training, where they change with
/// every step. `LinearForward` is for constant weights.
///
/// For few rows, where reading the weights dominates, oneDNN takes a quarter to a twentieth of the time of OpenBLAS,
/// which copies them first (measured: 1 to 8 rows, 32768 to 256 features).
public struct InnerProductForward: ~Copyable {
  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  private let primitive: Primitive
  private let bias: AlignedStorage
  private var weight: Tensor?

  public init(rows: Int, inputs: Int, outputs: Int, relu: Bool, node: String) throws(ComputeError) {
    let layouts = try InnerProductLayouts(rows: rows, inputs: inputs, outputs: outputs, node: node)
    let attributes = try PrimitiveAttributes(activation: relu ? .relu : nil, node: node)
    let description = try PrimitiveDescription(layouts.forward(node: node), attributes, node: node)
    let made = try Primitive(
      description,
      [
        .init(role: DNNL_ARG_SRC, layout: layouts.x), .init(role: DNNL_ARG_WEIGHTS, layout: layouts.weight),
        .init(role: DNNL_ARG_BIAS, layout: layouts.bias), .init(role: DNNL_ARG_DST, layout: layouts.y),
      ])
    scratchBytes = made.scratchBytes
    primitive = made
    bias = AlignedStorage(repeating: 0, count: outputs)
  }

  /// Loads the weights `[outputs, inputs]` and the bias `[outputs]` (nil: zeros).
  public mutating func load(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    if let bias {
      bias.withFloats { _ = self.bias.floats.update(fromContentsOf: $0) }
    } else {
      self.bias.floats.update(repeating: 0)
    }
  }

  /// Releases the weights, so that their owner can change them in place.
  public mutating func releaseWeight() { weight = nil }

  /// - Precondition: `load` has been called, and again after the last `releaseWeight`.
  public func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    guard let weight else { preconditionFailure("a linear layer runs without weights") }
    try weight.withFloats { w throws(ComputeError) in
      try primitive.run([x.forDNN, w.start.forDNN, bias.base.forDNN, y.forDNN], scratch: scratch)
    }
  }
}

/// Gradient of a fully connected layer with respect to its input, `dx = dy·W`.
public struct InnerProductBackwardData: ~Copyable {
  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  private let primitive: Primitive

  public init(rows: Int, inputs: Int, outputs: Int, node: String) throws(ComputeError) {
    let layouts = try InnerProductLayouts(rows: rows, inputs: inputs, outputs: outputs, node: node)
    let attributes = try PrimitiveAttributes(node: node)
    let forward = try PrimitiveDescription(layouts.forward(node: node), attributes, node: node)
    let description = try PrimitiveDescription(
      layouts.backwardData(node: node), attributes, hint: forward.handle, node: node)
    primitive = try Primitive(
      description,
      [
        .init(role: DNNL_ARG_DIFF_DST, layout: layouts.y), .init(role: DNNL_ARG_WEIGHTS, layout: layouts.weight),
        .init(role: DNNL_ARG_DIFF_SRC, layout: layouts.x),
      ])
    scratchBytes = primitive.scratchBytes
  }

  /// - Parameter weight: `[outputs, inputs]`.
  public func run(
    dy: UnsafePointer<Float>, weight: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    try primitive.run([dy.forDNN, weight.forDNN, dx.forDNN], scratch: scratch)
  }
}

/// Layouts of a fully connected layer's buffers, and oneDNN's operation descriptors for them.
private struct InnerProductLayouts {
  let x, weight, bias, y: dnnl_memory_desc_t

  init(rows: Int, inputs: Int, outputs: Int, node: String) throws(ComputeError) {
    x = try DNNLayout.matrix(rows, inputs, node: node)
    weight = try DNNLayout.matrix(outputs, inputs, node: node)
    bias = try DNNLayout.vector(outputs, node: node)
    y = try DNNLayout.matrix(rows, outputs, node: node)
  }

  func forward(node: String) throws(ComputeError) -> dnnl_inner_product_desc_t {
    var operation = dnnl_inner_product_desc_t()
    var (x, weight, bias, y) = (x, weight, bias, y)
    try check(
      dnnl_inner_product_forward_desc_init(&operation, dnnl_forward_inference, &x, &weight, &bias, &y),
      "dnnl_inner_product_forward_desc_init", node: node)
    return operation
  }

  func backwardData(node: String) throws(ComputeError) -> dnnl_inner_product_desc_t {
    var operation = dnnl_inner_product_desc_t()
    var (x, weight, y) = (x, weight, y)
    try check(
      dnnl_inner_product_backward_data_desc_init(&operation, &x, &weight, &y),
      "dnnl_inner_product_backward_data_desc_init", node: node)
    return operation
  }
}

/// Matrix products by oneDNN, for kernels of this target: OpenBLAS knows fewer processors, and takes code for one of 2004
/// on the others.
enum DNNMatrixProduct {
  /// One matrix, row-major.
  struct Operand {
    let start: UnsafePointer<Float>
    /// Floats from a stored row to the next.
    let stride: Int
    /// Whether the product takes its transpose.
    var isTransposed = false
  }

  /// `c = op(a) · op(b) + beta · c`.
  ///
  /// - Parameters:
  ///   - m: rows of `op(a)` and `c`.
  ///   - n: columns of `op(b)` and `c`.
  ///   - k: columns of `op(a)`, rows of `op(b)`.
  ///   - cStride: floats from a row of `c` to the next.
  static func multiply(
    m: Int, n: Int, k: Int, _ a: Operand, _ b: Operand, beta: Float, into c: UnsafeMutablePointer<Float>, cStride: Int
  ) throws(ComputeError) {
    func letter(_ operand: Operand) -> CChar { CChar(UInt8(ascii: operand.isTransposed ? "T" : "N")) }
    try check(
      dnnl_sgemm(
        letter(a), letter(b), Int64(m), Int64(n), Int64(k), 1, a.start, Int64(a.stride), b.start, Int64(b.stride), beta,
        c,
        Int64(cStride)),
      "dnnl_sgemm", node: "any")
  }
}
