/// Convolution forward: `y = f(w ∗ x + b)`.
///
/// Uses oneDNN unless it has only reference loops for the shape on this processor, or unless no code may be generated;
/// else `CompiledConvolution`.
public struct ConvolutionForward: ~Copyable {
  private enum Kernel: ~Copyable {
    case oneDNN(DNNForward)
    case compiled(CompiledConvolution)
  }

  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  /// Name of the selected kernel: oneDNN's own, or that of `CompiledConvolution`.
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
  ///   - kernels: with `.compiled`, the layout must be channels last.
  ///   - node: the layer's name, for messages.
  public init(
    _ geometry: ConvolutionGeometry, layout: PictureLayout = .channelsLast,
    activation: ElementwiseKernels.Function? = nil, addsToOutput: Bool = false, training: Bool = false,
    kernels: KernelSource = .generated, node: String
  ) throws(ComputeError) {
    func plan(_ layout: PictureLayout) -> ForwardPlan {
      ForwardPlan(
        geometry, layout: layout, activation: activation, addsToOutput: addsToOutput, training: training, node: node)
    }
    let code = try FastestLayout.find(layout, kernels) { layout throws(ComputeError) in
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
      let compiled = CompiledConvolution(geometry, activation: activation, addsToOutput: addsToOutput)
      bytes = compiled.scratchBytes
      kernel = .compiled(compiled)
    }
    scratchBytes = detour?.scratchBytes(around: bytes) ?? bytes
    implementation = code.layout == nil ? CompiledConvolution.implementation : code.implementation
    slowKernel = SlowKernel(geometry, implementation: implementation, node: node)
    self.addsToOutput = addsToOutput
    self.detour = detour
    self.kernel = kernel
  }

  /// Loads the filters `[K, C / groups, R, S]` and the bias `[K]` (nil: zeros).
  public func load(weight: Tensor, bias: Tensor?) throws(ComputeError) {
    switch kernel {
    case .oneDNN(let kernel): try kernel.load(weight: weight, bias: bias)
    case .compiled(let kernel): kernel.load(weight: weight, bias: bias)
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
    case .compiled(let kernel): kernel.run(x: x, y: y, scratch: scratch)
    }
  }
}
