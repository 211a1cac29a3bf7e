/// Gradients of a convolution as matrix products (Chellapilla et al. 2006), on images `[N, H, W, C]`, for shapes for
/// which oneDNN has only reference loops.
///
/// Processes samples one by one, so a sample's result does not depend on the batch.
struct MatrixConvolution {
  /// The implementation's name.
  static let implementation = "im2col:gemm"

  private let g: ConvolutionGeometry
  private let windows: WindowGathering
  /// Filters `[groups, R, S, C / groups, K / groups]`, or their gradient.
  private let packed: AlignedStorage

  init(_ geometry: ConvolutionGeometry) {
    g = geometry
    windows = WindowGathering(geometry)
    packed = AlignedStorage(repeating: 0, count: g.weightShape.count)
  }

  var scratchBytes: Int { windows.scratchBytes }

  /// Loads the filters, `[K, C / groups, R, S]`.
  func load(weight: Tensor) {
    weight.withFloats { source in forEachFilterElement { packed.base[$1] = source[$0] } }
  }

  /// The input gradient `dx`, given the output gradient `dy`.
  func backwardData(
    dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let columns = scratch.assumingMemoryBound(to: Float.self)
    dx.update(repeating: 0, count: g.inputShape.count)
    try windows.forEachStripe { stripe throws(ComputeError) in
      try DNNMatrixProduct.multiply(
        m: stripe.places, n: windows.window, k: windows.filters,
        .init(start: dy + windows.outputStart(stripe), stride: g.output.channels),
        .init(start: filterStart(stripe), stride: windows.filters, isTransposed: true), beta: 0, into: columns,
        cStride: windows.window)
      let target = dx + stripe.sample * g.input.count
      windows.forEachRun(stripe) { place, count, source in
        guard let source else { return }
        VectorKernels.add(columns + place, to: target + source, count: count)
      }
    }
  }

  /// The filter gradient `[K, C / groups, R, S]`, written, summed over the batch.
  func backwardWeights(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dw: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let columns = scratch.assumingMemoryBound(to: Float.self)
    packed.floats.update(repeating: 0)
    try windows.forEachStripe { stripe throws(ComputeError) in
      windows.gather(x + stripe.sample * g.input.count, stripe, into: columns)
      try DNNMatrixProduct.multiply(
        m: windows.window, n: windows.filters, k: stripe.places,
        .init(start: columns, stride: windows.window, isTransposed: true),
        .init(start: dy + windows.outputStart(stripe), stride: g.output.channels), beta: 1, into: filterStart(stripe),
        cStride: windows.filters)
    }
    forEachFilterElement { dw[$0] = packed.base[$1] }
  }

  private func filterStart(_ stripe: WindowGathering.Stripe) -> UnsafeMutablePointer<Float> {
    packed.base + stripe.group * windows.window * windows.filters
  }

  /// Offsets of every filter element in the tensor and in the packed filters.
  private func forEachFilterElement(_ body: (_ plain: Int, _ packed: Int) -> Void) {
    let (window, filters) = (windows.window, windows.filters)
    windows.forEachFilterElement { plain, k, input in
      let (group, filter) = k.quotientAndRemainder(dividingBy: filters)
      body(plain, (group * window + input) * filters + filter)
    }
  }
}

/// Gathers the windows of a few output rows at a time (im2col), which keeps them in the cache.
struct WindowGathering {
  private let g: ConvolutionGeometry
  /// Output rows whose windows are gathered together.
  private let rows: Int
  /// Input and output channels per group.
  let inputs: Int
  let filters: Int
  /// Elements per filter.
  let window: Int

  /// Floats of gathered windows: half of a 1 MiB L2 cache.
  private static let wantedFloats = 1 << 17

  init(_ geometry: ConvolutionGeometry) {
    g = geometry
    inputs = g.input.channels / g.groups
    filters = g.output.channels / g.groups
    window = g.kernel.height * g.kernel.width * inputs
    rows = min(max(Self.wantedFloats / (g.output.width * window), 1), g.output.height)
  }

  var scratchBytes: Int { rows * g.output.width * window * MemoryLayout<Float>.stride }

  /// A few output rows of one sample and one channel group.
  struct Stripe {
    let sample, group, firstRow, rowCount, places: Int
  }

  func forEachStripe<E: Error>(_ body: (Stripe) throws(E) -> Void) throws(E) {
    for sample in 0..<g.batch {
      for first in stride(from: 0, to: g.output.height, by: rows) {
        let count = min(rows, g.output.height - first)
        for group in 0..<g.groups {
          try body(
            Stripe(
              sample: sample, group: group, firstRow: first, rowCount: count, places: count * g.output.width))
        }
      }
    }
  }

  /// Offset of the stripe's first result.
  func outputStart(_ stripe: Stripe) -> Int {
    stripe.sample * g.output.count + stripe.firstRow * g.output.width * g.output.channels + stripe.group * filters
  }

  /// The windows of a stripe, `[positions, R, S, C / groups]`, zeros in the padding.
  func gather(_ x: UnsafePointer<Float>, _ stripe: Stripe, into columns: UnsafeMutablePointer<Float>) {
    forEachRun(stripe) { place, count, source in
      if let source {
        (columns + place).update(from: x + source, count: count)
      } else {
        (columns + place).update(repeating: 0, count: count)
      }
    }
  }

  /// Calls `body` for each run of elements that are contiguous both in the windows and in the sample; `source` is the
  /// offset in floats from the start of the sample, nil in the padding.
  func forEachRun(_ stripe: Stripe, _ body: (_ place: Int, _ count: Int, _ source: Int?) -> Void) {
    let wholeRows = g.groups == 1 && g.dilation.width == 1
    let rowCount = g.kernel.width * inputs
    var place = 0
    for row in stripe.firstRow..<(stripe.firstRow + stripe.rowCount) {
      for column in 0..<g.output.width {
        let left = column * g.stride.width - g.padding.left
        for r in 0..<g.kernel.height {
          let y = row * g.stride.height - g.padding.top + r * g.dilation.height
          let start = (y * g.input.width + left) * g.input.channels + stripe.group * inputs
          if y < 0 || y >= g.input.height {
            body(place, rowCount, nil)
          } else if wholeRows, left >= 0, left + g.kernel.width <= g.input.width {
            body(place, rowCount, start)
          } else {
            for s in 0..<g.kernel.width {
              let x = left + s * g.dilation.width
              let isInside = x >= 0 && x < g.input.width
              body(
                place + s * inputs, inputs,
                isInside ? start + s * g.dilation.width * g.input.channels : nil)
            }
          }
          place += rowCount
        }
      }
    }
  }

  /// Offsets of every filter element in the tensor `[K, C / groups, R, S]`, with its filter and its place in a window.
  func forEachFilterElement(_ body: (_ plain: Int, _ filter: Int, _ input: Int) -> Void) {
    let area = g.kernel.height * g.kernel.width
    for k in 0..<g.output.channels {
      for c in 0..<inputs {
        for place in 0..<area { body((k * inputs + c) * area + place, k, place * inputs + c) }
      }
    }
  }
}
