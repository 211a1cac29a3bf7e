/// A convolution and the maximum of windows of its result, a few samples at a time.
///
/// The convolution's result is the largest block of most networks and exists here for those samples only: it stays in
/// the cache and out of the memory plan.
public struct PooledConvolution: ~Copyable {
  /// Working memory of `run`.
  public var scratchBytes: Int { resultBytes + convolution.scratchBytes }
  private let convolution: ConvolutionForward
  private let pool: WindowMaximum
  private let portions: Portions
  private let resultBytes: Int
  private let pooledCount: Int

  /// - Parameters:
  ///   - source: layout of `x`, and of the convolution's result.
  ///   - target: layout of `y`.
  ///   - relu: negative results of the convolution become 0.
  ///   - node: the layer's name, for messages.
  /// - Precondition: `WindowMaximum.fits` the convolution's output.
  public init(
    _ geometry: ConvolutionGeometry, window: Pair, from source: PictureLayout, to target: PictureLayout, relu: Bool,
    node: String
  ) throws(ComputeError) {
    let pictures = ConvolutionPictures(geometry, source)
    portions = Portions(
      geometry, samples: pictures.winograd ? Winograd.samplesPerRun(geometry, training: false) : 1)
    let part = portions.part(of: geometry)
    convolution = try ConvolutionForward(part, layout: source, relu: relu, node: node)
    pool = WindowMaximum(part.outputShape, window: window, from: source, to: target)
    // Whole cache lines, so that the convolution's own working memory behind it starts on one.
    resultBytes = (part.outputShape.count * MemoryLayout<Float>.stride + 63) / 64 * 64
    pooledCount = part.outputShape.count / (window.height * window.width)
  }

  /// Takes over the filters `[K, C / groups, R, S]` and the bias `[K]` (none: zeros).
  public func load(weight: Tensor, bias: Tensor?) throws(ComputeError) {
    try convolution.load(weight: weight, bias: bias)
  }

  /// - Parameter scratch: `scratchBytes`, 64-byte aligned.
  public func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    let result = scratch.assumingMemoryBound(to: Float.self)
    for portion in 0..<portions.count {
      try convolution.run(x: x + portions.inputOffset(portion), y: result, scratch: scratch + resultBytes)
      pool.forward(x: result, y: y + portion * pooledCount)
    }
  }
}
