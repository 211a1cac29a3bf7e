/// Batch normalisation with the batch's statistics, ReLU and a maximum over windows side by side, in two passes over
/// memory forward and two backward, where separate kernels take seven and six.
///
/// Pictures are in `[N, H, W, C]` order, channels a multiple of 8, extents multiples of the window's. Between the passes
/// it keeps each window's winner, so backward needs neither the normalised picture nor the winner's place.
public struct BatchNormMaxPool {
  /// Elements of what `forward` keeps for `backward`: one a window and channel.
  public var savedCount: Int { windows.count * channels }
  /// The last batch's mean and (biased) variance of each channel.
  public private(set) var mean: [Float]
  public private(set) var variance: [Float]
  private let channels: Int
  private let epsilon: Float
  private let windows: WindowGrid
  private var scale: [Float]
  private var shift: [Float]

  /// Whether the kernel can work on `[N, C, H, W]` pictures with such windows.
  public static func fits(_ shape: Shape, window: Pair) -> Bool {
    shape.rank == 4 && shape[1] % 8 == 0 && shape[2] % window.height == 0 && shape[3] % window.width == 0
  }

  /// - Precondition: `fits`.
  public init(_ shape: Shape, window: Pair, epsilon: Float) {
    precondition(Self.fits(shape, window: window), "\(shape) cannot be cut into windows of \(window) in groups of 8")
    windows = WindowGrid(shape, window)
    channels = shape[1]
    self.epsilon = epsilon
    scale = Array(repeating: 1, count: shape[1])
    shift = Array(repeating: 0, count: shape[1])
    mean = shift
    variance = scale
  }

  /// Takes over gamma and beta, `[C]` each.
  public mutating func load(scale: Tensor, shift: Tensor) {
    self.scale = scale.values
    self.shift = shift.values
  }

  /// - Parameters:
  ///   - y: `[N, H / window, W / window, C]`, written.
  ///   - saved: `savedCount`, written for `backward`.
  public mutating func forward(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, saved: UnsafeMutablePointer<Float>
  ) {
    (mean, variance) = ChannelMoments.of(x, rows: windows.pixels, channels: channels)
    let affine = self.affine
    windows.forEachRow { row in
      for (block, affine) in affine.enumerated() {
        for column in 0..<windows.columns {
          let first = x + windows.offset(row, column) + 8 * block
          var winner = Lane(at: first)
          var best = winner * affine.factor + affine.offset
          for place in windows.places.dropFirst() {
            let candidate = Lane(at: first + place)
            let value = candidate * affine.factor + affine.offset
            let wins = value .> best
            best.replace(with: value, where: wins)
            winner.replace(with: candidate, where: wins)
          }
          let result = windows.result(row, column) + 8 * block
          winner.store(at: saved + result)
          best.replacing(with: 0, where: best .< 0).store(at: y + result)
        }
      }
    }
  }

  /// - Parameters:
  ///   - x: as in `forward`.
  ///   - dy: gradient of `y`.
  ///   - dx: gradient of `x`, written; nil where nobody wants it.
  ///   - dScale: `[C]`, written.
  ///   - dShift: `[C]`, written.
  public func backward(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>?,
    dScale: UnsafeMutablePointer<Float>, dShift: UnsafeMutablePointer<Float>, saved: UnsafePointer<Float>
  ) {
    sumGradients(dy, saved, dScale, dShift)
    guard let dx else { return }
    let lines = gradientLines(dScale, dShift)
    windows.forEachRow { row in
      for (block, line) in lines.enumerated() {
        for column in 0..<windows.columns {
          let result = windows.result(row, column) + 8 * block
          let winner = Lane(at: saved + result)
          let isOff = winner * line.affine.factor + line.affine.offset .<= 0
          // What is left to give: the first element equal to the winner takes it.
          var rest = (Lane(at: dy + result) * line.affine.factor).replacing(with: 0, where: isOff)
          let first = windows.offset(row, column) + 8 * block
          for place in windows.places {
            let value = Lane(at: x + (first + place))
            let isWinner = value .== winner
            let share = Lane.zero.replacing(with: rest, where: isWinner)
            rest.replace(with: 0, where: isWinner)
            (value * line.slope + line.constant + share).store(at: dx + (first + place))
          }
        }
      }
    }
  }

  /// The normalisation of eight channels as a line.
  private struct Affine {
    var factor: Lane
    var offset: Lane
  }

  private var affine: [Affine] {
    blocks.map { c in
      let factor = lane(scale, c) * inverseDeviation(c)
      return Affine(factor: factor, offset: lane(shift, c) - lane(mean, c) * factor)
    }
  }

  /// The part of dx that does not depend on dy, as a line of x.
  private struct GradientLine {
    var affine: Affine
    var slope: Lane
    var constant: Lane
  }

  /// dx = factor · (g - mean(g) - x̂ · mean(g · x̂)), sorted by powers of x.
  private func gradientLines(
    _ dScale: UnsafePointer<Float>, _ dShift: UnsafePointer<Float>
  ) -> [GradientLine] {
    let count = Float(windows.pixels)
    return zip(blocks, affine).map { c, affine in
      let slope = -affine.factor * Lane(at: dScale + c) * inverseDeviation(c) / count
      let constant = -affine.factor * Lane(at: dShift + c) / count - lane(mean, c) * slope
      return GradientLine(affine: affine, slope: slope, constant: constant)
    }
  }

  /// Gradients of scale and shift; sums of runs in float, of all runs in double.
  private func sumGradients(
    _ dy: UnsafePointer<Float>, _ saved: UnsafePointer<Float>, _ dScale: UnsafeMutablePointer<Float>,
    _ dShift: UnsafeMutablePointer<Float>
  ) {
    var scaleSums = [SIMD8<Double>](repeating: .zero, count: channels / 8)
    var shiftSums = scaleSums
    let affine = self.affine
    ChannelMoments.forEachRun(rows: windows.count) { run in
      for (block, affine) in affine.enumerated() {
        let centre = lane(mean, 8 * block)
        var shiftSum = Lane.zero
        var scaleSum = Lane.zero
        for window in run {
          let result = window * channels + 8 * block
          let winner = Lane(at: saved + result)
          let isOff = winner * affine.factor + affine.offset .<= 0
          let gradient = Lane(at: dy + result).replacing(with: 0, where: isOff)
          shiftSum += gradient
          scaleSum += gradient * (winner - centre)
        }
        shiftSums[block] += SIMD8<Double>(shiftSum)
        scaleSums[block] += SIMD8<Double>(scaleSum)
      }
    }
    for (block, c) in blocks.enumerated() {
      (Lane(scaleSums[block]) * inverseDeviation(c)).store(at: dScale + c)
      Lane(shiftSums[block]).store(at: dShift + c)
    }
  }

  /// First channels of the groups of eight.
  private var blocks: StrideTo<Int> { stride(from: 0, to: channels, by: 8) }
  private func inverseDeviation(_ c: Int) -> Lane { 1 / (lane(variance, c) + epsilon).squareRoot() }
  private func lane(_ values: [Float], _ c: Int) -> Lane { Lane(values[c..<(c + 8)]) }
}

/// Windows side by side over pictures whose rows lie behind each other.
private struct WindowGrid {
  /// Rows and columns of windows over all pictures.
  let rows: Int
  let columns: Int
  let pixels: Int
  /// Offsets of a window's elements from its first one.
  let places: [Int]
  private let channels: Int
  private let window: Pair
  var count: Int { rows * columns }

  init(_ shape: Shape, _ window: Pair) {
    let channels = shape[1]
    let width = shape[3]
    self.channels = channels
    self.window = window
    rows = shape[0] * shape[2] / window.height
    columns = width / window.width
    pixels = shape[0] * shape[2] * width
    places = (0..<window.height).flatMap { row in
      (0..<window.width).map { (row * width + $0) * channels }
    }
  }

  /// Where a window's first element is, and where its result is.
  func offset(_ row: Int, _ column: Int) -> Int {
    (row * window.height * columns + column) * window.width * channels
  }
  func result(_ row: Int, _ column: Int) -> Int { (row * columns + column) * channels }

  func forEachRow(_ body: (Int) -> Void) {
    for row in 0..<rows { body(row) }
  }
}
