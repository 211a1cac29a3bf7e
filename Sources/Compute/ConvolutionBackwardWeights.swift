import CVectorLoops

/// Gradients of a convolution with respect to its filters and bias, summed over the batch.
///
/// Uses oneDNN unless it has only reference loops for the shape on this processor, else im2col and a matrix product.
/// Depthwise convolutions without a specialised oneDNN kernel use this module's own loops.
public struct ConvolutionBackwardWeights: ~Copyable {
  private enum Kernel: ~Copyable {
    case oneDNN(DNNBackwardWeights)
    case depthwise(DepthwiseWeightGradient)
    case matrix(MatrixConvolution)
  }

  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  /// Name of the selected kernel.
  public let implementation: String
  /// Warning about a slow kernel; nil if the kernel is fast.
  public let slowKernel: SlowKernel?
  private let kernel: Kernel
  private let detour: KernelDetour?
  /// The output gradient as matrices of channels, for the bias gradient.
  private let planes: ChannelMatrices

  /// - Parameter layout: layout of `x` and `dy`.
  public init(
    _ geometry: ConvolutionGeometry, layout: PictureLayout = .channelsLast, hasBias: Bool, node: String
  ) throws(ComputeError) {
    let code = try FastestLayout.find(layout) { layout throws(ComputeError) in
      try DNNBackwardWeights.implementation(geometry, layout: layout, hasBias: hasBias, node: node)
    }
    let kernel: Kernel
    let implementation: String
    var bytes = 0
    var read = PictureLayout.channelsLast
    if geometry.isDepthwise, !code.implementation.contains("dw") {
      implementation = DepthwiseWeightGradient.implementation
      read = layout
      kernel = .depthwise(DepthwiseWeightGradient(geometry, layout: layout))
    } else if let fast = code.layout {
      let dnn = try DNNBackwardWeights(geometry, layout: fast, hasBias: hasBias, node: node)
      implementation = code.implementation
      read = fast
      bytes = dnn.scratchBytes
      kernel = .oneDNN(dnn)
    } else {
      let matrix = MatrixConvolution(geometry)
      implementation = code.implementation
      bytes = matrix.scratchBytes
      kernel = .matrix(matrix)
    }
    let detour =
      read == layout ? nil : try KernelDetour(from: geometry.inputShape, to: geometry.outputShape, node: node)
    planes = read.matrices(geometry.outputShape)
    scratchBytes = detour?.scratchBytes(around: bytes) ?? bytes
    slowKernel = SlowKernel(geometry, implementation: implementation, node: node)
    self.implementation = implementation
    self.detour = detour
    self.kernel = kernel
  }

  /// - Parameters:
  ///   - dw: `[K, C / groups, R, S]`, written.
  ///   - db: `[K]`, written; nil if and only if the kernel was created without a bias.
  public func run(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dw: UnsafeMutablePointer<Float>,
    db: UnsafeMutablePointer<Float>?, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    guard let detour else { return try compute(x: x, dy: dy, dw: dw, db: db, scratch: scratch) }
    try detour.read(x: x, dy: dy, scratch: scratch) { x, dy, scratch throws(ComputeError) in
      try compute(x: x, dy: dy, dw: dw, db: db, scratch: scratch)
    }
  }

  private func compute(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dw: UnsafeMutablePointer<Float>,
    db: UnsafeMutablePointer<Float>?, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    switch kernel {
    case .oneDNN(let kernel):
      try kernel.run(x: x, dy: dy, dw: dw, db: db, scratch: scratch)
    case .depthwise(let kernel):
      kernel.run(x: x, dy: dy, dw: dw)
      if let db { sumBias(dy, into: db) }
    case .matrix(let kernel):
      try kernel.backwardWeights(x: x, dy: dy, dw: dw, scratch: scratch)
      if let db { sumBias(dy, into: db) }
    }
  }

  /// Sums over all pixels, per matrix first: long sums accumulate more rounding error.
  private func sumBias(_ dy: UnsafePointer<Float>, into db: UnsafeMutablePointer<Float>) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: planes.columns) { part in
      for index in 0..<planes.count {
        let target = db + planes.firstChannel(index)
        VectorKernels.columnSums(
          dy + planes.start(index), into: part.start, rows: planes.rows, columns: planes.columns)
        if planes.isFirstSample(index) {
          target.update(from: part.start, count: planes.columns)
        } else {
          VectorKernels.add(part.start, to: target, count: planes.columns)
        }
      }
    }
  }
}

/// Gradient of a depthwise convolution with respect to its filters, summed over the batch.
///
/// oneDNN 2.6 has vector code for 3×3 filters only; for 5×5 it takes that for dense convolutions, one channel at a time.
struct DepthwiseWeightGradient {
  /// The implementation's name.
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
