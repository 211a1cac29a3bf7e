/// Batch normalisation with the batch's statistics, ReLU and a maximum over windows side by side, in two passes over
/// memory forward and two backward, where separate kernels take seven and six.
///
/// Channels are a multiple of 8, extents multiples of the window's. Between the passes
/// it keeps each window's winner, so backward needs neither the normalised picture nor the winner's place.
public struct BatchNormMaxPool {
  /// Elements of what `forward` keeps for `backward`: one a window and channel.
  public var savedCount: Int { grid.rows * grid.columns * shape[1] }
  /// The last batch's mean and (biased) variance of each channel.
  public private(set) var mean: [Float]
  public private(set) var variance: [Float]
  private let shape: Shape
  private let layout: PictureLayout
  private let epsilon: Float
  private let grid: WindowGrid
  private var scale: [Float]
  private var shift: [Float]

  /// Whether the kernel can work on `[N, C, H, W]` pictures with such windows.
  public static func fits(_ shape: Shape, window: Pair) -> Bool { WindowGrid.fits(shape, window: window) }

  /// - Parameters:
  ///   - shape: of the pictures, `[N, C, H, W]`.
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

  /// Takes over gamma and beta, `[C]` each.
  public mutating func load(scale: Tensor, shift: Tensor) {
    self.scale = scale.values
    self.shift = shift.values
  }

  /// - Parameters:
  ///   - y: the results, written.
  ///   - saved: `savedCount`, written for `backward`.
  public mutating func forward(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, saved: UnsafeMutablePointer<Float>
  ) {
    (mean, variance) = ChannelMoments.of(x, shape, layout)
    let affine = self.affine
    grid.others.withUnsafeBufferPointer { others in
      for row in 0..<grid.rows {
        for (group, affine) in affine.enumerated() {
          var first = x + grid.xStart(row: row, group: group)
          var result = grid.yStart(row: row, group: group)
          for _ in 0..<grid.columns {
            var winner = Lane(at: first)
            var best = winner * affine.factor + affine.offset
            for place in others {
              let candidate = Lane(at: first + place)
              let value = candidate * affine.factor + affine.offset
              let wins = value .> best
              best.replace(with: value, where: wins)
              winner.replace(with: candidate, where: wins)
            }
            winner.store(at: saved + result)
            best.replacing(with: 0, where: best .< 0).store(at: y + result)
            first += grid.xStep
            result += grid.yStep
          }
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
    grid.others.withUnsafeBufferPointer { others in
      for row in 0..<grid.rows {
        for (group, line) in lines.enumerated() {
          var first = grid.xStart(row: row, group: group)
          var result = grid.yStart(row: row, group: group)
          for _ in 0..<grid.columns {
            let winner = Lane(at: saved + result)
            let isOff = winner * line.affine.factor + line.affine.offset .<= 0
            // What is left to give: the first element equal to the winner takes it.
            var rest = (Lane(at: dy + result) * line.affine.factor).replacing(with: 0, where: isOff)
            give(&rest, to: first, x, dx, winner, line)
            for place in others { give(&rest, to: first + place, x, dx, winner, line) }
            first += grid.xStep
            result += grid.yStep
          }
        }
      }
    }
  }

  @inline(__always)
  private func give(
    _ rest: inout Lane, to place: Int, _ x: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ winner: Lane,
    _ line: GradientLine
  ) {
    let value = Lane(at: x + place)
    let isWinner = value .== winner
    let share = Lane.zero.replacing(with: rest, where: isWinner)
    rest.replace(with: 0, where: isWinner)
    (value * line.slope + line.constant + share).store(at: dx + place)
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
    let count = Float(shape[0] * shape[2] * shape[3])
    return zip(blocks, affine).map { c, affine in
      let slope = -affine.factor * Lane(at: dScale + c) * inverseDeviation(c) / count
      let constant = -affine.factor * Lane(at: dShift + c) / count - lane(mean, c) * slope
      return GradientLine(affine: affine, slope: slope, constant: constant)
    }
  }

  /// Gradients of scale and shift; sums of a row of windows in float, of all rows in double.
  private func sumGradients(
    _ dy: UnsafePointer<Float>, _ saved: UnsafePointer<Float>, _ dScale: UnsafeMutablePointer<Float>,
    _ dShift: UnsafeMutablePointer<Float>
  ) {
    var scaleSums = [SIMD8<Double>](repeating: .zero, count: grid.groups)
    var shiftSums = scaleSums
    let affine = self.affine
    for row in 0..<grid.rows {
      for (group, affine) in affine.enumerated() {
        let centre = lane(mean, 8 * group)
        var result = grid.yStart(row: row, group: group)
        var shiftSum = Lane.zero
        var scaleSum = Lane.zero
        for _ in 0..<grid.columns {
          let winner = Lane(at: saved + result)
          let isOff = winner * affine.factor + affine.offset .<= 0
          let gradient = Lane(at: dy + result).replacing(with: 0, where: isOff)
          shiftSum += gradient
          scaleSum += gradient * (winner - centre)
          result += grid.yStep
        }
        shiftSums[group] += SIMD8<Double>(shiftSum)
        scaleSums[group] += SIMD8<Double>(scaleSum)
      }
    }
    for (block, c) in blocks.enumerated() {
      (Lane(scaleSums[block]) * inverseDeviation(c)).store(at: dScale + c)
      Lane(shiftSums[block]).store(at: dShift + c)
    }
  }

  /// First channels of the groups of eight.
  private var blocks: StrideTo<Int> { stride(from: 0, to: shape[1], by: 8) }
  private func inverseDeviation(_ c: Int) -> Lane { 1 / (lane(variance, c) + epsilon).squareRoot() }
  private func lane(_ values: [Float], _ c: Int) -> Lane { Lane(values[c..<(c + 8)]) }
}
