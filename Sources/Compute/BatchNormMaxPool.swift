import CVectorLoops

/// Batch normalisation with batch statistics, ReLU and max pooling over adjacent windows, fused: two passes over memory
/// forward and two backward, where separate kernels take seven and six.
///
/// Channels must be a multiple of 8, extents multiples of the window's. `forward` keeps each window's maximum before
/// normalisation, so `backward` needs neither the normalised image nor the index of the maximum.
public struct BatchNormMaxPool {
  /// Elements that `forward` keeps for `backward`: one per window and channel.
  public var savedCount: Int { grid.resultCount }
  /// Mean and biased variance of each channel over the last batch.
  public private(set) var mean: [Float]
  public private(set) var variance: [Float]
  private let shape: Shape
  private let layout: PictureLayout
  private let epsilon: Float
  private let grid: WindowGrid
  private var scale: [Float]
  private var shift: [Float]

  /// Whether the kernel supports `[N, C, H, W]` images with this window.
  public static func fits(_ shape: Shape, window: Pair) -> Bool { WindowGrid.fits(shape, window: window) }

  /// - Parameters:
  ///   - shape: shape of the images, `[N, C, H, W]`.
  ///   - source: layout of `x` and `dx`.
  ///   - target: layout of `y` and `dy`.
  /// - Precondition: `fits`.
  public init(
    _ shape: Shape, window: Pair, epsilon: Float, from source: PictureLayout = .channelsLast,
    to target: PictureLayout = .channelsLast
  ) {
    grid = WindowGrid(shape, window, from: source, to: target)
    self.shape = shape
    self.epsilon = epsilon
    layout = source
    scale = Array(repeating: 1, count: shape[1])
    shift = Array(repeating: 0, count: shape[1])
    mean = shift
    variance = scale
  }

  /// Loads gamma and beta, `[C]` each.
  public mutating func load(scale: Tensor, shift: Tensor) {
    self.scale = scale.values
    self.shift = shift.values
  }

  /// - Parameters:
  ///   - y: output, written.
  ///   - saved: `savedCount`, written for `backward`.
  public mutating func forward(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, saved: UnsafeMutablePointer<Float>
  ) {
    (mean, variance) = ChannelMoments.of(x, shape, layout)
    var lines = blocks.map { normLines($0) }
    grid.forEachRow { row, place in
      norm_windows(row, &lines[place.group], x + place.x, y + place.y, saved + place.y)
    }
  }

  /// - Parameters:
  ///   - x: as in `forward`.
  ///   - dy: gradient of `y`.
  ///   - dx: gradient of `x`, written; nil if not needed.
  ///   - dScale: `[C]`, written.
  ///   - dShift: `[C]`, written.
  public func backward(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>?,
    dScale: UnsafeMutablePointer<Float>, dShift: UnsafeMutablePointer<Float>, saved: UnsafePointer<Float>
  ) {
    sumGradients(dy, saved, dScale, dShift)
    guard let dx else { return }
    var lines = blocks.map { gradientLines($0, dScale, dShift) }
    grid.forEachRow { row, place in
      norm_windows_gradient(
        row, &lines[place.group], x + place.x, saved + place.y, dy + place.y, dx + place.x)
    }
  }

  /// The normalisation of channels `c` to `c + 7` as a linear function of x.
  private func normLines(_ c: Int) -> NormLines {
    let factor = lane(scale, c) * inverseDeviation(c)
    var lines = NormLines()
    store(factor, in: &lines.factor)
    store(lane(shift, c) - lane(mean, c) * factor, in: &lines.offset)
    return lines
  }

  /// dx = factor · (g - mean(g) - x̂ · mean(g · x̂)), expanded in powers of x.
  private func gradientLines(
    _ c: Int, _ dScale: UnsafePointer<Float>, _ dShift: UnsafePointer<Float>
  ) -> NormLines {
    let count = Float(shape[0] * shape[2] * shape[3])
    let factor = lane(scale, c) * inverseDeviation(c)
    let slope = -factor * lane(dScale, c) * inverseDeviation(c) / count
    var lines = normLines(c)
    store(slope, in: &lines.slope)
    store(-factor * lane(dShift, c) / count - lane(mean, c) * slope, in: &lines.constant)
    return lines
  }

  /// Gradients of scale and shift; accumulates each row of windows in float and all rows in double.
  private func sumGradients(
    _ dy: UnsafePointer<Float>, _ saved: UnsafePointer<Float>, _ dScale: UnsafeMutablePointer<Float>,
    _ dShift: UnsafeMutablePointer<Float>
  ) {
    let sums = ChannelSums(channels: shape[1])
    var lines = blocks.map { normLines($0) }
    mean.withUnsafeBufferPointer { mean in
      grid.forEachRow { row, place in
        let c = 8 * place.group
        norm_windows_sums(
          row, &lines[place.group], mean.start + c, saved + place.y, dy + place.y, sums.first + c, sums.second + c)
      }
    }
    for c in 0..<shape[1] {
      dScale[c] = Float(sums.first[c]) * inverseDeviation(c / 8 * 8)[c % 8]
      dShift[c] = Float(sums.second[c])
    }
  }

  /// First channel of each group of eight.
  private var blocks: StrideTo<Int> { stride(from: 0, to: shape[1], by: 8) }
  private func inverseDeviation(_ c: Int) -> SIMD8<Float> { 1 / (lane(variance, c) + epsilon).squareRoot() }
  private func lane(_ values: [Float], _ c: Int) -> SIMD8<Float> { SIMD8(values[c..<(c + 8)]) }
  private func lane(_ values: UnsafePointer<Float>, _ c: Int) -> SIMD8<Float> {
    SIMD8(UnsafeBufferPointer(start: values + c, count: 8))
  }
  private func store(_ lane: SIMD8<Float>, in floats: inout NormLine) {
    withUnsafeMutableBytes(of: &floats) { $0.storeBytes(of: lane, as: SIMD8<Float>.self) }
  }
}

/// An array of eight floats in a C struct, as Swift imports it.
private typealias NormLine = (Float, Float, Float, Float, Float, Float, Float, Float)
