import Compute
public import NeuralNet

/// A network of texture statistics instead of face content: co-occurrences of neighbouring noise residuals.
///
/// High-pass filters remove the image content. The fully connected layers see the frequencies of runs of four adjacent
/// residuals, horizontal and vertical, at several scales of the crop and again in its centre alone. Swapped faces are
/// resampled, blended and encoded differently from camera footage, and such statistics reveal this from little data.
/// Residuals and co-occurrences come from steganalysis (Fridrich and Kodovský 2012), here as network layers as in
/// Cozzolino et al. 2017. The filters are fixed.
public struct ResidualCooccurrenceNet: StatisticsDesign, Hashable {
  /// The statistics at one scale of the crop.
  struct Scale: Hashable {
    /// Downscaling factor of the crop along each axis.
    var reduction: Int
    /// Whether third-order residuals are counted as well as second-order ones.
    var hasThirdOrder: Bool
    /// Spacings of the bin centres, in levels; each has its own tables.
    var steps: [Float]
    /// Whether the centre, where the face is, is also counted separately.
    var middle: Bool

    var filters: [ResidualFilter] {
      hasThirdOrder ? ResidualFilter.thirdOrder + ResidualFilter.secondOrder : ResidualFilter.secondOrder
    }
  }

  public var inputSize = 256
  public var classes = 1
  /// Units of the fully connected layers before the logit.
  public var hidden = [128, 64]
  /// Dropout probability of the frequencies.
  public var frequencyDropout: Float = 0.3
  /// Dropout probability of the units of those layers.
  public var unitDropout: Float = 0.5

  private static let runLength = 4
  private static let directions = [Pair(height: 0, width: 1), Pair(height: 1, width: 0)]
  private static let bins: [Float] = [-2, -1, 0, 1, 2]

  /// Half size carries most information; the centre and a second bin spacing at full size do not justify their cost.
  private static let scales = [
    Scale(reduction: 1, hasThirdOrder: true, steps: [2], middle: false),
    Scale(reduction: 2, hasThirdOrder: true, steps: [1, 3], middle: true),
    Scale(reduction: 4, hasThirdOrder: false, steps: [2, 6], middle: true),
  ]
  /// Thousands of unfamiliar input frequencies are a large input: smaller initial weights train twice as fast.
  private static let gain: Float = 0.4
  /// The square root has an unbounded derivative near 0.
  private static let minimumFrequency: Float = 1e-5

  public init() {}

  public func network(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: seed)
    appendRoots(to: &build)
    let count = build.currentShape[0]
    build.append("column", .reshape([0, count, 1, 1]))
    build.batchNorm("norm")
    build.flatten("flat")
    build.dropout("drop1", rate: frequencyDropout)
    for (index, units) in hidden.enumerated() {
      build.linear("full\(index + 1)", features: units, gain: Self.gain)
      build.relu("relu\(index + 1)")
      build.dropout("drop\(index + 2)", rate: unitDropout)
    }
    build.linear("logit", features: classes, gain: Self.gain)
    return build.network
  }

  public func statistics() -> Network {
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: 0)
    appendRoots(to: &build)
    return build.network
  }

  /// Square roots of all frequencies, `[N, frequencies]`: they balance rare and frequent runs.
  private func appendRoots(to build: inout NetworkBuilder) {
    let input = build.current
    var counts: [String] = []
    for scale in Self.scales where inputSize / scale.reduction > 24 || scale.reduction == 1 {
      let name = "scale\(scale.reduction)"
      build.current = input
      if scale.reduction > 1 { build.averagePool("\(name).mean", scale.reduction) }
      build.append(
        "\(name).residuals", .convolution(ConvolutionSettings()),
        ["weight": Tensor([scale.filters.count, 3, 5, 5], scale.filters.flatMap(\.weights))], isFrozen: true)
      let residuals = build.current
      counts += appendRuns(of: scale, name: "\(name).runs", to: &build)
      guard scale.middle else { continue }
      build.current = residuals
      let (margin, side) = (build.currentShape[1] / 5, build.currentShape[1] * 3 / 5)
      build.append("\(name).middle", .slice([2, 3].map { AxisSlice(axis: $0, start: margin, count: side) }))
      counts += appendRuns(of: scale, name: "\(name).middleruns", to: &build)
    }
    build.concat("shares", counts)
    let fractions = build.current
    build.append("least", .constant, ["value": Tensor([1], [Self.minimumFrequency])], inputs: [])
    build.current = fractions
    build.binary("above", .add, "least")
    build.activation("root", .squareRoot)
  }

  /// Co-occurrence tables of the current residuals, one node per bin spacing.
  ///
  /// - Returns: the nodes' output values.
  private func appendRuns(of scale: Scale, name: String, to build: inout NetworkBuilder) -> [String] {
    let residuals = build.current
    return scale.steps.enumerated().map { index, step in
      build.current = residuals
      let settings = CooccurrenceSettings(
        centres: Self.bins.map { $0 * step }, offsets: Self.directions, length: Self.runLength)
      build.append("\(name)\(index + 1)", .cooccurrence(settings))
      return build.current
    }
  }
}

/// A 5×5 high-pass filter of the spatial rich model (Fridrich and Kodovský 2012, figure 2), for one mixture of R, G, B.
struct ResidualFilter {
  /// Weights of R, G and B in luma (ITU-R BT.601).
  private static let brightness: [Float] = [0.299, 0.587, 0.114]

  /// Pixel levels per unit of the network's input, for `Preprocessing`'s standard deviation of 0.25.
  private static let levels: Float = 255 * 0.25

  /// Coefficients, row-major.
  let taps: [Float]

  /// `[3, 5, 5]`: maps the network's input to residuals in luma levels.
  var weights: [Float] {
    Self.brightness.flatMap { fraction in taps.map { $0 * fraction * Self.levels } }
  }

  /// Differences of second order along rows and columns, and the square of second order.
  static let secondOrder = [along(rows: false, second), along(rows: true, second), square]
  /// Differences of third order along rows and columns.
  static let thirdOrder = [along(rows: false, third), along(rows: true, third)]

  private static let second: [Float] = [0, 1, -2, 1, 0]
  private static let third: [Float] = [0, -1, 3, -3, 1]
  private static let square = ResidualFilter(taps: [
    0, 0, 0, 0, 0,
    0, 1, -2, 1, 0,
    0, -2, 4, -2, 0,
    0, 1, -2, 1, 0,
    0, 0, 0, 0, 0,
  ])

  /// Five coefficients in the middle row or column.
  private static func along(rows: Bool, _ line: [Float]) -> ResidualFilter {
    var taps = [Float](repeating: 0, count: 25)
    for (index, value) in line.enumerated() { taps[rows ? index * 5 + 2 : 10 + index] = value }
    return ResidualFilter(taps: taps)
  }
}
