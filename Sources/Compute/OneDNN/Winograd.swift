import COneDNN

/// Selects the 3×3 convolutions that use Winograd's algorithm, and their portion sizes.
///
/// Winograd's F(4×4, 3×3) takes a quarter of the multiplications (Lavin and Gray 2016, §4.1), but its transforms
/// amplify rounding: with 32 to 512 channels the error is within 2.5e-6 of the largest value, direct code within 1.5e-6
/// (measured against im2col). On AVX-512 it is 1.5 to 3 times as fast as direct code; with 16 channels often slower.
public enum Winograd {
  /// Whether the convolution uses Winograd when its images are in blocks; independent of the batch size.
  public static func suits(_ g: ConvolutionGeometry) -> Bool {
    g.kernel == Pair(3) && g.stride == Pair(1) && g.dilation == Pair(1) && g.groups == 1
      && min(g.input.channels, g.output.channels) >= 2 * PictureLayout.blockWidth
      && g.input.channels % PictureLayout.blockWidth == 0 && g.output.channels % PictureLayout.blockWidth == 0
      && max(g.padding.top, g.padding.left, g.padding.bottom, g.padding.right) <= 1
      && min(g.output.height, g.output.width) >= 4 && isAvailable
  }

  /// Samples that a kernel processes together: a divisor of the batch.
  ///
  /// Scratch memory grows with the number of samples; few pixels leave the kernel idle, and in training each run
  /// transforms the filters again. A few thousand pixels per run are the compromise.
  static func samplesPerRun(_ g: ConvolutionGeometry, training: Bool) -> Int {
    let area = g.output.height * g.output.width
    let wanted = max(2, ((training ? 4096 : 2048) + area - 1) / area)
    return (1...max(g.batch, 1)).first { g.batch % $0 == 0 && $0 >= wanted } ?? g.batch
  }

  /// Whether oneDNN has the kernel for this processor.
  private static let isAvailable: Bool = {
    let g = ConvolutionGeometry(
      batch: 2, input: PlaneStack(channels: 32, height: 16, width: 16), outputChannels: 32, kernel: Pair(3),
      padding: Padding(1))
    let picture = ConvolutionPictures(layout: .blocks, winograd: true)
    do throws(ComputeError) {
      let attributes = try PrimitiveAttributes(node: "winograd")
      for training in [false, true] {
        let operation = try ConvolutionOperation.forward(
          g, picture, hasBias: true, training: training, node: "winograd")
        _ = try PrimitiveDescription(operation, attributes, node: "winograd")
      }
      return true
    } catch {
      return false
    }
  }()
}

/// The layout of a convolution's images, and its algorithm.
struct ConvolutionPictures {
  let layout: PictureLayout
  let winograd: Bool

  init(layout: PictureLayout, winograd: Bool) {
    self.layout = layout
    self.winograd = winograd
  }

  init(_ geometry: ConvolutionGeometry, _ layout: PictureLayout) {
    self.init(layout: layout, winograd: layout == .blocks && Winograd.suits(geometry))
  }

  var algorithm: dnnl_alg_kind_t { winograd ? dnnl_convolution_winograd : dnnl_convolution_direct }
}
