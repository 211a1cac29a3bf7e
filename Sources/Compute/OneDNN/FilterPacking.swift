import COneDNN

/// Filters in the layout that a kernel chose, with the way from and to the tensor's `[K, C / groups, R, S]`.
struct FilterPacking: ~Copyable {
  private let packed: AlignedStorage
  private let pack: Primitive
  private let unpack: Primitive

  init(_ g: ConvolutionGeometry, packed layout: dnnl_memory_desc_t, node: String) throws(ComputeError) {
    let plain = try DNNLayout.filters(g, node: node)
    let attributes = try PrimitiveAttributes(node: node)
    let there = try PrimitiveDescription(reorderFrom: plain, to: layout, attributes, node: node)
    let back = try PrimitiveDescription(reorderFrom: layout, to: plain, attributes, node: node)
    let packing = try Primitive(
      there, [.init(role: DNNL_ARG_FROM, layout: plain), .init(role: DNNL_ARG_TO, layout: layout)])
    let unpacking = try Primitive(
      back, [.init(role: DNNL_ARG_FROM, layout: layout), .init(role: DNNL_ARG_TO, layout: plain)])
    let bytes = max(DNNLayout.bytes(layout), DNNLayout.bytes(plain))
    // Zeros, so that the padding of blocked layouts is zero before the first use.
    packed = AlignedStorage(repeating: 0, count: (bytes + 3) / 4)
    pack = packing
    unpack = unpacking
  }

  var pointer: UnsafeMutableRawPointer { packed.base.forDNN }

  func load(_ weight: Tensor) throws(ComputeError) {
    let scratch = AlignedStorage(uninitialisedCount: pack.scratchBytes / 4 + 1)
    try weight.withFloats { w throws(ComputeError) in
      try pack.run([w.start.forDNN, pointer], scratch: scratch.base)
    }
  }

  /// The packed values as a tensor of `shape`, which has as many.
  func gradient(_ shape: Shape) throws(ComputeError) -> Tensor {
    try Tensor(shape) { target throws(ComputeError) in try store(to: target.start) }
  }

  func store(to weight: UnsafeMutablePointer<Float>) throws(ComputeError) {
    let scratch = AlignedStorage(uninitialisedCount: unpack.scratchBytes / 4 + 1)
    try unpack.run([pointer, weight.forDNN], scratch: scratch.base)
  }
}
