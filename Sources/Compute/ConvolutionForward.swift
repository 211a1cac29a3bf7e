/// Convolution forward: `y = f(w ∗ x + b)`.
///
/// Uses oneDNN unless it has only reference loops for the shape on this processor, else im2col and a matrix product.
public struct ConvolutionForward: ~Copyable {
  private enum Kernel: ~Copyable {
    case oneDNN(DNNForward)
    case matrix(MatrixForward)
  }

  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  /// Name of the selected kernel: oneDNN's own, or that of `MatrixConvolution`.
  public let implementation: String
  /// Warning about a slow kernel; nil if the kernel is fast.
  public let slowKernel: SlowKernel?
  private let kernel: Kernel
  private let detour: KernelDetour?
  private let addsToOutput: Bool

  /// - Parameters:
  ///   - layout: layout of `x` and `y`.
  ///   - activation: the function f, for which `fuses` must hold; Winograd kernels support only ReLU.
  ///   - addsToOutput: adds the result to the contents of `y` before the activation.
  ///   - training: whether the filters change with every step.
  ///   - node: the layer's name, for messages.
  public init(
    _ geometry: ConvolutionGeometry, layout: PictureLayout = .channelsLast,
    activation: ElementwiseKernels.Function? = nil, addsToOutput: Bool = false, training: Bool = false, node: String
  ) throws(ComputeError) {
    func plan(_ layout: PictureLayout) -> ForwardPlan {
      ForwardPlan(
        geometry, layout: layout, activation: activation, addsToOutput: addsToOutput, training: training, node: node)
    }
    let code = try FastestLayout.find(layout) { layout throws(ComputeError) in
      try plan(layout).description().implementation
    }
    let detour =
      code.layout == layout || layout == .channelsLast
      ? nil : try KernelDetour(from: geometry.inputShape, to: geometry.outputShape, node: node)
    let kernel: Kernel
    let bytes: Int
    if let layout = code.layout {
      let oneDNN = try DNNForward(plan(layout))
      bytes = oneDNN.scratchBytes
      kernel = .oneDNN(oneDNN)
    } else {
      let matrix = MatrixForward(geometry, activation: activation, addsToOutput: addsToOutput)
      bytes = matrix.scratchBytes
      kernel = .matrix(matrix)
    }
    scratchBytes = detour?.scratchBytes(around: bytes) ?? bytes
    implementation = code.implementation
    slowKernel = SlowKernel(geometry, implementation: implementation, node: node)
    self.addsToOutput = addsToOutput
    self.detour = detour
    self.kernel = kernel
  }

  /// Loads the filters `[K, C / groups, R, S]` and the bias `[K]` (nil: zeros).
  public func load(weight: Tensor, bias: Tensor?) throws(ComputeError) {
    switch kernel {
    case .oneDNN(let kernel): try kernel.load(weight: weight, bias: bias)
    case .matrix(let kernel): kernel.load(weight: weight, bias: bias)
    }
  }

  public func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    guard let detour else { return try compute(x: x, y: y, scratch: scratch) }
    try detour.run(x: x, y: y, readsOutput: addsToOutput, scratch: scratch) { x, y, scratch throws(ComputeError) in
      try compute(x: x, y: y, scratch: scratch)
    }
  }

  private func compute(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    switch kernel {
    case .oneDNN(let kernel): try kernel.run(x: x, y: y, scratch: scratch)
    case .matrix(let kernel): try kernel.run(x: x, y: y, scratch: scratch)
    }
  }
}

/// Convolution forward by matrix products, with its fused post-operations.
private struct MatrixForward {
  private let convolution: MatrixConvolution
  private let bias: AlignedStorage
  private let activation: ElementwiseKernels.Function?
  private let addsToOutput: Bool
  private let pixels: Int

  init(_ geometry: ConvolutionGeometry, activation: ElementwiseKernels.Function?, addsToOutput: Bool) {
    convolution = MatrixConvolution(geometry)
    bias = AlignedStorage(repeating: 0, count: geometry.output.channels)
    self.activation = activation
    self.addsToOutput = addsToOutput
    pixels = geometry.outputShape.count / geometry.output.channels
  }

  var scratchBytes: Int { convolution.scratchBytes }

  func load(weight: Tensor, bias: Tensor?) {
    convolution.load(weight: weight)
    if let bias {
      bias.withFloats { _ = self.bias.floats.update(fromContentsOf: $0) }
    } else {
      self.bias.floats.update(repeating: 0)
    }
  }

  func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let channels = bias.floats.count
    if addsToOutput {
      VectorKernels.addRows(bias: bias.base, to: y, rows: pixels, columns: channels)
    } else {
      for pixel in 0..<pixels { (y + pixel * channels).update(from: bias.base, count: channels) }
    }
    try convolution.addForward(x: x, to: y, scratch: scratch)
    if let activation { ElementwiseKernels.apply(activation, y, into: y, count: pixels * channels) }
  }
}
