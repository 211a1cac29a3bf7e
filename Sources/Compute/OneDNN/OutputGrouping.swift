/// A convolution with few filters, rewritten as one that computes several adjacent pixels at once.
///
/// In `[N, H, W, K]` order, P adjacent pixels of K channels are one pixel of P·K channels, so a filter that is P - 1
/// wider and has stride P computes them: the images stay as they are, only the filters are repeated, each P times,
/// shifted by one pixel each. Vector code computes 16 channels at a time: 3 filters of 3×3, such as in the gradient of
/// the first layer with respect to the image, take half the instructions in groups of 4.
struct OutputGrouping {
  let geometry: ConvolutionGeometry
  private let original: ConvolutionGeometry
  private let pixels: Int

  /// nil if no group size divides the rows or would be faster.
  init?(_ g: ConvolutionGeometry) {
    guard g.groups == 1, g.stride.width == 1, g.dilation.width == 1 else { return nil }
    let candidates = [2, 4, 8].filter { g.output.width % $0 == 0 }.map { Self.grouped(g, pixels: $0) }
    guard let best = candidates.min(by: { $0.vectorWork < $1.vectorWork }), best.vectorWork < g.vectorWork else {
      return nil
    }
    geometry = best
    original = g
    pixels = best.stride.width
  }

  private static func grouped(_ g: ConvolutionGeometry, pixels: Int) -> ConvolutionGeometry {
    ConvolutionGeometry(
      batch: g.batch, input: g.input, outputChannels: pixels * g.output.channels,
      kernel: Pair(height: g.kernel.height, width: g.kernel.width + pixels - 1),
      stride: Pair(height: g.stride.height, width: pixels), dilation: g.dilation, padding: g.padding)
  }

  /// Filters for the grouped geometry.
  func spread(_ weight: Tensor) -> Tensor {
    let (narrow, wide) = (original.kernel.width, geometry.kernel.width)
    var spread = Tensor(geometry.weightShape)
    spread.withMutableFloats { target in
      weight.withFloats { source in
        for pixel in 0..<pixels {
          for row in 0..<(source.count / narrow) {
            (target.start + (pixel * source.count / narrow + row) * wide + pixel).update(
              from: source.start + row * narrow, count: narrow)
          }
        }
      }
    }
    return spread
  }

  /// The bias repeated for all pixels of a group.
  func spreadBias(_ bias: Tensor) -> Tensor {
    Tensor([pixels * bias.count], (0..<pixels).flatMap { _ in bias.values })
  }
}

extension ConvolutionGeometry {
  /// Multiplications, rounded up to vectors of 16 output channels.
  var vectorWork: Int { multiplications / output.channels * ((output.channels + 15) / 16) }
}

/// How filters are rearranged so that a convolution with few output channels fills its vectors: not at all, or in the
/// way that takes fewer instructions.
enum FilterArrangement {
  case plain(ConvolutionGeometry)
  case paired(PixelPairing)
  case grouped(OutputGrouping)

  init(_ g: ConvolutionGeometry, _ layout: PictureLayout) {
    let pairing = layout == .channelsLast ? PixelPairing(g, resultChannels: \.output.channels) : nil
    let grouping = layout == .channelsLast ? OutputGrouping(g) : nil
    switch (pairing, grouping) {
    case (let pairing?, let grouping?) where pairing.geometry.vectorWork <= grouping.geometry.vectorWork:
      self = .paired(pairing)
    case (_, let grouping?): self = .grouped(grouping)
    case (let pairing?, nil): self = .paired(pairing)
    case (nil, nil): self = .plain(g)
    }
  }

  var geometry: ConvolutionGeometry {
    switch self {
    case .plain(let geometry): geometry
    case .paired(let pairing): pairing.geometry
    case .grouped(let grouping): grouping.geometry
    }
  }

  /// Filters for `geometry`.
  func spread(_ weight: Tensor) -> Tensor {
    switch self {
    case .plain: weight
    case .paired(let pairing): pairing.spread(weight)
    case .grouped(let grouping): grouping.spread(weight)
    }
  }

  func spreadBias(_ bias: Tensor) -> Tensor {
    switch self {
    case .plain: bias
    case .paired(let pairing): pairing.spreadBias(bias)
    case .grouped(let grouping): grouping.spreadBias(bias)
    }
  }
}
