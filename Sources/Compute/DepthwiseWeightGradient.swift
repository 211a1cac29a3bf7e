import CVectorLoops

/// Gradient of a depthwise convolution with respect to its filters, summed over the batch.
///
/// oneDNN 2.6 has vector code for 3×3 filters only; for 5×5 it takes that for dense convolutions, one channel at a time.
struct DepthwiseWeightGradient {
  /// Its name among implementations.
  static let implementation = "depthwise rows"

  private let g: ConvolutionGeometry
  private let layout: PictureLayout
  /// `[R, S, C]`.
  private let sums: AlignedStorage

  /// - Precondition: `geometry.isDepthwise`.
  init(_ geometry: ConvolutionGeometry, layout: PictureLayout) {
    precondition(geometry.isDepthwise, "\(geometry) mixes channels")
    g = geometry
    self.layout = layout
    sums = AlignedStorage(repeating: 0, count: geometry.weightShape.count)
  }

  /// - Parameter dw: `[C, 1, R, S]`, written.
  func run(x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dw: UnsafeMutablePointer<Float>) {
    sums.floats.update(repeating: 0)
    let inputs = layout.matrices(g.inputShape)
    let outputs = layout.matrices(g.outputShape)
    let channels = inputs.columns
    var row = DepthwiseRow(
      channels: channels, pixel_step: channels, tap_step: g.input.channels, columns: g.output.width,
      width: g.input.width, taps: g.kernel.width, stride: g.stride.width, dilation: g.dilation.width,
      padding: g.padding.left)
    for index in 0..<inputs.count {
      let first = sums.base + inputs.firstChannel(index)
      for outputRow in 0..<g.output.height {
        let slopes = dy + outputs.start(index) + outputRow * g.output.width * channels
        for r in 0..<g.kernel.height {
          let inputRow = outputRow * g.stride.height - g.padding.top + r * g.dilation.height
          guard (0..<g.input.height).contains(inputRow) else { continue }
          depthwise_weight_gradient(
            &row, x + inputs.start(index) + inputRow * g.input.width * channels, slopes,
            first + r * g.kernel.width * g.input.channels)
        }
      }
    }
    ChannelOrder.transpose(
      sums.base, into: dw, rows: g.kernel.height * g.kernel.width, columns: g.input.channels)
  }
}
