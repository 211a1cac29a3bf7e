/// Convolution as a matrix product (Chellapilla et al. 2006), on pictures `[N, H, W, C]`: for shapes that
/// oneDNN has only plain loops for.
///
/// Windows are gathered for a few rows of the output at a time, so that they stay in the cache. Sample for sample, so
/// that a sample's result does not depend on the batch.
struct MatrixConvolution {
  /// Its name among implementations.
  static let implementation = "im2col:gemm"

  private let g: ConvolutionGeometry
  /// Rows of the output whose windows are gathered together.
  private let rows: Int
  /// Channels of a group, in and out.
  private let inputs: Int
  private let filters: Int
  /// Elements under one filter.
  private let window: Int
  /// Filters `[groups, R, S, C / groups, K / groups]`, or their gradient.
  private let packed: AlignedStorage

  /// Floats of gathered windows: half of a second-level cache of 1 MiB.
  private static let wantedFloats = 1 << 17

  init(_ geometry: ConvolutionGeometry) {
    g = geometry
    inputs = g.input.channels / g.groups
    filters = g.output.channels / g.groups
    window = g.kernel.height * g.kernel.width * inputs
    rows = min(max(Self.wantedFloats / (g.output.width * window), 1), g.output.height)
    packed = AlignedStorage(repeating: 0, count: g.weightShape.count)
  }

  var scratchBytes: Int { rows * g.output.width * window * MemoryLayout<Float>.stride }

  /// Takes over the filters `[K, C / groups, R, S]`.
  func load(weight: Tensor) {
    weight.withFloats { source in forEachFilterElement { packed.base[$1] = source[$0] } }
  }

  /// `y += w ∗ x`.
  func addForward(
    x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let columns = scratch.assumingMemoryBound(to: Float.self)
    try forEachStripe { stripe throws(ComputeError) in
      gather(x + stripe.sample * g.input.count, stripe, into: columns)
      try DNNMatrixProduct.multiply(
        m: stripe.places, n: filters, k: window, .init(start: columns, stride: window),
        .init(start: filterStart(stripe), stride: filters), beta: 1, into: y + outputStart(stripe),
        cStride: g.output.channels)
    }
  }

  /// The input's gradient `dx` for the output's `dy`.
  func backwardData(
    dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let columns = scratch.assumingMemoryBound(to: Float.self)
    dx.update(repeating: 0, count: g.inputShape.count)
    try forEachStripe { stripe throws(ComputeError) in
      try DNNMatrixProduct.multiply(
        m: stripe.places, n: window, k: filters, .init(start: dy + outputStart(stripe), stride: g.output.channels),
        .init(start: filterStart(stripe), stride: filters, isTransposed: true), beta: 0, into: columns, cStride: window)
      let target = dx + stripe.sample * g.input.count
      forEachRun(stripe) { place, count, source in
        guard let source else { return }
        VectorKernels.add(columns + place, to: target + source, count: count)
      }
    }
  }

  /// The filters' gradient `[K, C / groups, R, S]`, written, summed over the batch.
  func backwardWeights(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dw: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let columns = scratch.assumingMemoryBound(to: Float.self)
    packed.floats.update(repeating: 0)
    try forEachStripe { stripe throws(ComputeError) in
      gather(x + stripe.sample * g.input.count, stripe, into: columns)
      try DNNMatrixProduct.multiply(
        m: window, n: filters, k: stripe.places, .init(start: columns, stride: window, isTransposed: true),
        .init(start: dy + outputStart(stripe), stride: g.output.channels), beta: 1, into: filterStart(stripe),
        cStride: filters)
    }
    forEachFilterElement { dw[$0] = packed.base[$1] }
  }

  // MARK: - Parts

  /// Some rows of one sample's output, of one group's channels.
  private struct Stripe {
    let sample, group, firstRow, rowCount, places: Int
  }

  private func forEachStripe(_ body: (Stripe) throws(ComputeError) -> Void) throws(ComputeError) {
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

  private func outputStart(_ stripe: Stripe) -> Int {
    stripe.sample * g.output.count + stripe.firstRow * g.output.width * g.output.channels + stripe.group * filters
  }

  private func filterStart(_ stripe: Stripe) -> UnsafeMutablePointer<Float> {
    packed.base + stripe.group * window * filters
  }

  /// The windows of a stripe, `[places, R, S, C / groups]`, zeros in the padding.
  private func gather(_ x: UnsafePointer<Float>, _ stripe: Stripe, into columns: UnsafeMutablePointer<Float>) {
    forEachRun(stripe) { place, count, source in
      if let source {
        (columns + place).update(from: x + source, count: count)
      } else {
        (columns + place).update(repeating: 0, count: count)
      }
    }
  }

  /// Calls `body` for neighbouring elements of the windows that are neighbours in the sample too, `source` floats from
  /// its start, nil in the padding.
  private func forEachRun(_ stripe: Stripe, _ body: (_ place: Int, _ count: Int, _ source: Int?) -> Void) {
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

  /// Offsets of every filter element in the tensor and in the packed filters.
  private func forEachFilterElement(_ body: (_ plain: Int, _ packed: Int) -> Void) {
    let area = g.kernel.height * g.kernel.width
    for k in 0..<g.output.channels {
      let (group, filter) = k.quotientAndRemainder(dividingBy: filters)
      for c in 0..<inputs {
        for place in 0..<area {
          body((k * inputs + c) * area + place, ((group * area + place) * inputs + c) * filters + filter)
        }
      }
    }
  }
}
