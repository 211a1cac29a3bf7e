import Compute
public import NeuralNet

/// A network that looks at textures instead of faces: how values of neighbouring noise residuals go together.
///
/// High-pass filters take away what a face looks like; how often which residuals are neighbours, in a few sizes of the
/// crop and once more in its middle alone, is what three fully connected layers see. Swapped faces were resampled,
/// blended and encoded another way than what a camera made, and such statistics tell it from little data: residuals and
/// co-occurrence are those of steganalysis (Fridrich and Kodovský 2012), as layers of a network as in Cozzolino et al.
/// 2017. The filters stay as they are.
public struct ResidualCooccurrenceNet: NetworkDesign, Hashable {
  /// What is counted at one size of the crop.
  struct Scale: Hashable {
    /// Pixels of the crop, along each axis, that become one.
    var reduction: Int
    var offsets: [Pair]
    /// Whether the middle, where the face is, is counted by itself too.
    var middle: Bool
  }

  public var inputSize = 256
  public var classes = 1
  /// Units of the two fully connected layers before the logits.
  public var hidden = [128, 64]
  /// Probability with which dropout zeroes a share.
  public var shareDropout: Float = 0.3
  /// Probability with which dropout zeroes a unit of those layers.
  public var unitDropout: Float = 0.5

  private static let near = [(0, 1), (1, 0), (1, 1), (1, -1)].map { Pair(height: $0.0, width: $0.1) }
  private static let far = [(0, 2), (2, 0), (0, 3), (3, 0)].map { Pair(height: $0.0, width: $0.1) }

  private static let scales = [
    Scale(reduction: 1, offsets: near, middle: true),
    Scale(reduction: 2, offsets: near + far, middle: true),
    Scale(reduction: 4, offsets: near + far, middle: false),
  ]
  /// In levels: fine around nothing, coarse towards edges.
  private static let centres: [Float] = [-14, -6, -2.5, -1, 0, 1, 2.5, 6, 14]
  /// Thousands of shares, all new to the network, are a loud input: it starts quietly, and learns twice as fast.
  private static let gain: Float = 0.4
  /// A root of next to nothing would have an endless slope.
  private static let leastShare: Float = 1e-5

  public init() {}

  public func network(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: seed)
    let input = build.current
    var counts: [String] = []
    for scale in Self.scales where inputSize / scale.reduction > 8 {
      let name = "scale\(scale.reduction)"
      build.current = input
      if scale.reduction > 1 { build.averagePool("\(name).mean", scale.reduction) }
      build.append(
        "\(name).residuals", .convolution(ConvolutionSettings()),
        ["weight": Tensor([ResidualFilter.bank.count, 3, 5, 5], ResidualFilter.bank.flatMap(\.weights))],
        isFrozen: true)
      let residuals = build.current
      let settings = CooccurrenceSettings(centres: Self.centres, offsets: scale.offsets)
      build.append("\(name).pairs", .cooccurrence(settings))
      counts.append(build.current)
      guard scale.middle else { continue }
      build.current = residuals
      let (margin, side) = (build.currentShape[1] / 5, build.currentShape[1] * 3 / 5)
      build.append("\(name).middle", .slice([2, 3].map { AxisSlice(axis: $0, start: margin, count: side) }))
      build.append("\(name).middlepairs", .cooccurrence(settings))
      counts.append(build.current)
    }
    build.concat("shares", counts)
    appendRoots(to: &build)
    build.flatten("flat")
    build.dropout("drop1", rate: shareDropout)
    for (index, units) in hidden.enumerated() {
      build.linear("full\(index + 1)", features: units, gain: Self.gain)
      build.relu("relu\(index + 1)")
      build.dropout("drop\(index + 2)", rate: unitDropout)
    }
    build.linear("logit", features: classes, gain: Self.gain)
    return build.network
  }

  /// Square roots, which make rare and frequent pairs count alike, brought to one scale.
  private func appendRoots(to build: inout NetworkBuilder) {
    let shares = build.current
    let count = build.currentShape[0]
    build.append("least", .constant, ["value": Tensor([1], [Self.leastShare])], inputs: [])
    build.current = shares
    build.binary("above", .add, "least")
    build.activation("root", .squareRoot)
    build.append("column", .reshape([0, count, 1, 1]))
    build.batchNorm("norm")
  }
}
