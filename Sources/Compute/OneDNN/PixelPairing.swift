/// A convolution with few channels, rewritten as one over pairs of adjacent pixels with twice the channels.
///
/// In `[N, H, W, C]` order, two adjacent pixels of C channels are one pixel of 2C channels: the images stay as they
/// are, only the filters are expanded, with zeros where a pair extends beyond a filter. Vector code has 16 channels at
/// a time, so 8 channels waste half of it; in pairs, a 5×5 filter of 8 channels takes 0.6 of the instructions.
struct PixelPairing {
  let geometry: ConvolutionGeometry
  private let original: ConvolutionGeometry
  private let pairsBefore: Int

  /// nil if pairs do not tile the image or would not be faster.
  ///
  /// - Parameter resultChannels: channels of the kernel's output or accumulators.
  init?(_ g: ConvolutionGeometry, resultChannels: KeyPath<ConvolutionGeometry, Int>) {
    guard g.groups == 1, g.stride.width == 1, g.dilation.width == 1, g.output.width == g.input.width,
      g.input.width % 2 == 0, g.kernel.width > 1
    else { return nil }
    let before = (g.padding.left + 1) / 2
    let after = (g.kernel.width - g.padding.left) / 2
    var paired = g
    paired.input = PlaneStack(channels: 2 * g.input.channels, height: g.input.height, width: g.input.width / 2)
    paired.output = PlaneStack(channels: 2 * g.output.channels, height: g.output.height, width: g.output.width / 2)
    paired.kernel.width = before + after + 1
    paired.padding.left = before
    paired.padding.right = after
    guard Self.vectorWork(paired, paired[keyPath: resultChannels]) < Self.vectorWork(g, g[keyPath: resultChannels])
    else { return nil }
    geometry = paired
    original = g
    pairsBefore = before
  }

  /// Expands the filters to the paired geometry.
  func spread(_ weight: Tensor) -> Tensor {
    var spread = Tensor(geometry.weightShape)
    spread.withMutableFloats { target in
      weight.withFloats { source in
        forEachPlace { original, paired in target[paired] = source[original] }
      }
    }
    return spread
  }

  /// Reduces the gradient of the expanded filters to that of the original ones: sums each element's copies.
  func gather(_ gradient: Tensor, into weight: UnsafeMutablePointer<Float>) {
    weight.update(repeating: 0, count: original.weightShape.count)
    gradient.withFloats { source in
      forEachPlace { original, paired in weight[original] += source[paired] }
    }
  }

  /// The bias repeated for both pixels of a pair.
  func spreadBias(_ bias: Tensor) -> Tensor { Tensor([2 * bias.count], bias.values + bias.values) }

  /// Calls `body` with the filter offsets of each original element and each of its two copies.
  private func forEachPlace(_ body: (_ original: Int, _ paired: Int) -> Void) {
    let w = original.weightShape
    let p = geometry.weightShape
    for output in 0..<2 {
      for k in 0..<w[0] {
        for c in 0..<w[1] {
          for r in 0..<w[2] {
            for s in 0..<w[3] {
              // The input pixel, relative to the first pixel of the output's pair.
              let pixel = output - original.padding.left + s + 2 * pairsBefore
              let channel = (pixel % 2) * w[1] + c
              let filter = output * w[0] + k
              body(
                ((k * w[1] + c) * w[2] + r) * w[3] + s, ((filter * p[1] + channel) * p[2] + r) * p[3] + pixel / 2)
            }
          }
        }
      }
    }
  }

  /// Multiplications, rounded up to vectors of 16 result channels.
  private static func vectorWork(_ g: ConvolutionGeometry, _ channels: Int) -> Int {
    g.multiplications / channels * ((channels + 15) / 16)
  }
}
