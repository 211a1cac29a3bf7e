import COneDNN

/// oneDNN memory descriptors of float buffers.
enum DNNLayout {
  /// Images of shape `[N, C, H, W]`.
  static func pictures(
    _ shape: Shape, _ layout: PictureLayout = .channelsLast, node: String
  ) throws(ComputeError) -> dnnl_memory_desc_t {
    try described(shape.extents, layout == .blocks ? dnnl_nChw16c : dnnl_nhwc, node: node)
  }

  /// Filters in tensor order: `[K, C / groups, R, S]`, with a separate group axis if there are several groups.
  static func filters(_ g: ConvolutionGeometry, node: String) throws(ComputeError) -> dnnl_memory_desc_t {
    try described(filterExtents(g), g.groups == 1 ? dnnl_oihw : dnnl_goihw, node: node)
  }

  /// Filters in the kernel's preferred layout.
  static func anyFilters(_ g: ConvolutionGeometry, node: String) throws(ComputeError) -> dnnl_memory_desc_t {
    try described(filterExtents(g), dnnl_format_tag_any, node: node)
  }

  /// One number per channel.
  static func vector(_ count: Int, node: String) throws(ComputeError) -> dnnl_memory_desc_t {
    try described([count], dnnl_x, node: node)
  }

  /// A row-major matrix.
  static func matrix(_ rows: Int, _ columns: Int, node: String) throws(ComputeError) -> dnnl_memory_desc_t {
    try described([rows, columns], dnnl_ab, node: node)
  }

  /// Size of a buffer in this layout, in bytes.
  static func bytes(_ layout: dnnl_memory_desc_t) -> Int {
    withUnsafePointer(to: layout) { dnnl_memory_desc_get_size($0) }
  }

  private static func filterExtents(_ g: ConvolutionGeometry) -> [Int] {
    let w = g.weightShape
    return g.groups == 1 ? w.extents : [g.groups, w[0] / g.groups, w[1], w[2], w[3]]
  }

  private static func described(
    _ extents: [Int], _ tag: dnnl_format_tag_t, node: String
  ) throws(ComputeError) -> dnnl_memory_desc_t {
    var layout = dnnl_memory_desc_t()
    try check(
      dnnl_memory_desc_init_by_tag(&layout, Int32(extents.count), extents.map(Int64.init), dnnl_f32, tag),
      "dnnl_memory_desc_init_by_tag", node: node)
    return layout
  }
}

/// In which layout of pictures oneDNN has more than plain loops for an operation.
struct FastestLayout {
  /// nil: in none, and compiled kernels compute it channels last.
  let layout: PictureLayout?
  /// Name of the code.
  let implementation: String

  /// The wanted layout if possible, then channels last.
  ///
  /// - Parameter implementation: oneDNN's name of the code for a layout.
  static func find(
    _ wanted: PictureLayout, _ kernels: KernelSource = .generated,
    _ implementation: (PictureLayout) throws(ComputeError) -> String
  ) throws(ComputeError) -> FastestLayout {
    let layouts: [PictureLayout] = wanted == .channelsLast ? [.channelsLast] : [wanted, .channelsLast]
    for layout in kernels == .generated ? layouts : [] {
      let name = try implementation(layout)
      if !PrimitiveDescription.isReference(name) { return FastestLayout(layout: layout, implementation: name) }
    }
    return FastestLayout(layout: nil, implementation: MatrixConvolution.implementation)
  }
}

/// Copies pictures from one layout into the other.
public struct PictureReordering: ~Copyable {
  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  private let primitive: Primitive

  /// - Parameter shape: `[N, C, H, W]`.
  public init(
    _ shape: Shape, from source: PictureLayout, to target: PictureLayout, node: String
  ) throws(ComputeError) {
    primitive = try Primitive(
      reorderFrom: try DNNLayout.pictures(shape, source, node: node),
      to: try DNNLayout.pictures(shape, target, node: node), node: node)
    scratchBytes = primitive.scratchBytes
  }

  public func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    try primitive.run([x.forDNN, y.forDNN], scratch: scratch)
  }
}
