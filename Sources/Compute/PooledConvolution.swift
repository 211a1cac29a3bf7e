/// A convolution fused with max pooling, a few samples at a time, so that pooling finds the convolution's result in the
/// cache.
///
/// The convolution's result is the largest buffer of most networks; without gradients it exists only for those few
/// samples.
public struct PooledConvolution: ~Copyable {
  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  /// Memory that `run` writes for `PooledConvolutionGradient`: the convolution's result; 0 without gradients.
  public let savedBytes: Int
  /// Warning about a slow kernel; nil if the kernel is fast.
  public var slowKernel: SlowKernel? { convolution.slowKernel }
  private let convolution: ConvolutionForward
  private let blocks: PooledBlocks

  /// - Parameters:
  ///   - source: layout of `x` and of the convolution's result.
  ///   - target: layout of `y`.
  ///   - relu: applies ReLU to the convolution's result.
  ///   - keepsResult: keeps the convolution's result for the gradient.
  ///   - node: the layer's name, for messages.
  /// - Precondition: `WindowMaximum.fits` holds for the convolution's output.
  public init(
    _ geometry: ConvolutionGeometry, window: Pair, from source: PictureLayout, to target: PictureLayout, relu: Bool,
    keepsResult: Bool, node: String
  ) throws(ComputeError) {
    blocks = PooledBlocks(geometry, window: window, from: source, to: target)
    convolution = try ConvolutionForward(blocks.part, layout: source, activation: relu ? .relu : nil, node: node)
    savedBytes = keepsResult ? geometry.outputShape.count * MemoryLayout<Float>.stride : 0
    scratchBytes = convolution.scratchBytes + (keepsResult ? 0 : blocks.resultBytes)
  }

  /// Loads the filters `[K, C / groups, R, S]` and the bias `[K]` (nil: zeros).
  public func load(weight: Tensor, bias: Tensor?) throws(ComputeError) {
    try convolution.load(weight: weight, bias: bias)
  }

  /// - Parameters:
  ///   - saved: `savedBytes`, written.
  ///   - scratch: `scratchBytes`, 64-byte aligned, as all buffers.
  public func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, saved: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let keepsResult = savedBytes > 0
    let results = (keepsResult ? saved : scratch).assumingMemoryBound(to: Float.self)
    for portion in 0..<blocks.portions.count {
      let result = keepsResult ? results + blocks.portions.outputOffset(portion) : results
      try convolution.run(
        x: x + blocks.portions.inputOffset(portion), y: result,
        scratch: keepsResult ? scratch : scratch + blocks.resultBytes)
      blocks.pool.forward(x: result, y: y + portion * blocks.pooledCount)
    }
  }
}

/// Gradient of a `PooledConvolution` with respect to its input.
public struct PooledConvolutionGradient: ~Copyable {
  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  /// Warning about a slow kernel; nil if the kernel is fast.
  public var slowKernel: SlowKernel? { convolution.slowKernel }
  private let convolution: ConvolutionBackwardData
  private let blocks: PooledBlocks
  private let relu: Bool

  /// Takes the arguments of the `PooledConvolution` whose results it receives.
  public init(
    _ geometry: ConvolutionGeometry, window: Pair, from source: PictureLayout, to target: PictureLayout, relu: Bool,
    node: String
  ) throws(ComputeError) {
    blocks = PooledBlocks(geometry, window: window, from: source, to: target)
    convolution = try ConvolutionBackwardData(blocks.part, layout: source, node: node)
    scratchBytes = blocks.resultBytes + convolution.scratchBytes
    self.relu = relu
  }

  /// Loads the filters, `[K, C / groups, R, S]`.
  public func load(weight: Tensor) throws(ComputeError) { try convolution.load(weight: weight) }

  /// - Parameter saved: as `PooledConvolution.run` wrote it.
  public func run(
    dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, saved: UnsafeRawPointer, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let results = saved.assumingMemoryBound(to: Float.self)
    let gradient = scratch.assumingMemoryBound(to: Float.self)
    for portion in 0..<blocks.portions.count {
      blocks.pool.backward(
        x: results + blocks.portions.outputOffset(portion), dy: dy + portion * blocks.pooledCount, dx: gradient,
        rectified: relu)
      try convolution.run(
        dy: gradient, dx: dx + blocks.portions.inputOffset(portion), scratch: scratch + blocks.resultBytes)
    }
  }
}

/// Buffer layout shared by both passes of a pooled convolution.
private struct PooledBlocks {
  let portions: Portions
  let pool: WindowMaximum
  /// The geometry of one portion.
  let part: ConvolutionGeometry
  /// Bytes of one portion's result, rounded up to whole cache lines, so that the scratch memory after it is aligned.
  let resultBytes: Int
  /// Floats of one portion's pooled result.
  let pooledCount: Int

  init(_ geometry: ConvolutionGeometry, window: Pair, from source: PictureLayout, to target: PictureLayout) {
    let winograd = ConvolutionPictures(geometry, source).winograd
    portions = Portions(
      geometry, samples: winograd ? Winograd.samplesPerRun(geometry, training: false) : min(geometry.batch, 1))
    part = portions.part(of: geometry)
    pool = WindowMaximum(part.outputShape, window: window, from: source, to: target)
    resultBytes = (part.outputShape.count * MemoryLayout<Float>.stride + 63) / 64 * 64
    pooledCount = part.outputShape.count / (window.height * window.width)
  }
}
