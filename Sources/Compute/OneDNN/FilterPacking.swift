import COneDNN

/// Reorders filters or weights from the tensor's layout into the kernel's.
struct FilterPacking: ~Copyable {
  let packed: AlignedStorage
  private let pack: Primitive

  init(_ g: ConvolutionGeometry, packed layout: dnnl_memory_desc_t, node: String) throws(ComputeError) {
    try self.init(from: try DNNLayout.filters(g, node: node), to: layout, node: node)
  }

  init(
    from plain: dnnl_memory_desc_t, to layout: dnnl_memory_desc_t, node: String
  ) throws(ComputeError) {
    pack = try Primitive(reorderFrom: plain, to: layout, node: node)
    packed = DNNLayout.storage(layout)
  }

  var pointer: UnsafeMutableRawPointer { packed.base.forDNN }

  func load(_ weight: Tensor) throws(ComputeError) {
    let scratch = AlignedStorage(uninitialisedCount: pack.scratchBytes / 4 + 1)
    try weight.withFloats { w throws(ComputeError) in
      try pack.run([w.start.forDNN, pointer], scratch: scratch.base)
    }
  }
}

/// Filter gradients in the kernel's layout, converted back to the tensor's `[K, C / groups, R, S]`.
struct PackedFilterGradient: ~Copyable {
  private let packed: AlignedStorage
  private let unpack: Primitive

  init(_ g: ConvolutionGeometry, packed layout: dnnl_memory_desc_t, node: String) throws(ComputeError) {
    unpack = try Primitive(reorderFrom: layout, to: try DNNLayout.filters(g, node: node), node: node)
    packed = DNNLayout.storage(layout)
  }

  var pointer: UnsafeMutableRawPointer { packed.base.forDNN }
  /// The packed values, padding included.
  var floats: UnsafeMutableBufferPointer<Float> { packed.floats }

  /// The packed values as a tensor of `shape`, which has the same number of elements.
  func tensor(_ shape: Shape) throws(ComputeError) -> Tensor {
    try Tensor(shape) { target throws(ComputeError) in try store(to: target.start) }
  }

  func store(to weight: UnsafeMutablePointer<Float>) throws(ComputeError) {
    let scratch = AlignedStorage(uninitialisedCount: unpack.scratchBytes / 4 + 1)
    try unpack.run([pointer, weight.forDNN], scratch: scratch.base)
  }
}

extension DNNLayout {
  /// A zeroed buffer of this layout, so that its padding is zero.
  fileprivate static func storage(_ layout: dnnl_memory_desc_t) -> AlignedStorage {
    AlignedStorage(repeating: 0, count: (bytes(layout) + 3) / 4)
  }
}

/// The convolution that computes another one's input gradient, for stride 1.
struct MirroredFilters {
  /// From the output's gradient to the input's.
  let geometry: ConvolutionGeometry
  private let original: ConvolutionGeometry

  /// nil for strides, and where more is padded than a filter reaches.
  init?(_ g: ConvolutionGeometry) {
    let reach = Pair(
      height: g.dilation.height * (g.kernel.height - 1), width: g.dilation.width * (g.kernel.width - 1))
    let p = g.padding
    guard g.stride == Pair(1), max(p.top, p.bottom) <= reach.height, max(p.left, p.right) <= reach.width else {
      return nil
    }
    original = g
    geometry = ConvolutionGeometry(
      batch: g.batch, input: g.output, outputChannels: g.input.channels, kernel: g.kernel, dilation: g.dilation,
      padding: Padding(
        top: reach.height - p.top, left: reach.width - p.left, bottom: reach.height - p.bottom,
        right: reach.width - p.right),
      groups: g.groups)
  }

  /// Filters turned by half a turn, inputs and outputs of each group exchanged: `[C, K / groups, R, S]`.
  func filters(of weight: Tensor) -> Tensor {
    let area = original.kernel.height * original.kernel.width
    let outputs = original.output.channels / original.groups
    let inputs = original.input.channels / original.groups
    return weight.withFloats { source in
      Tensor(geometry.weightShape) { target in
        for group in 0..<original.groups {
          for k in 0..<outputs {
            for c in 0..<inputs {
              let from = source.start + ((group * outputs + k) * inputs + c) * area
              let to = target.start + ((group * inputs + c) * outputs + k) * area
              for place in 0..<area { to[area - 1 - place] = from[place] }
            }
          }
        }
      }
    }
  }
}
