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
