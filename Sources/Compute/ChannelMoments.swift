/// Eight neighbouring channels.
typealias Lane = SIMD8<Float>

extension SIMD8<Float> {
  init(at pointer: UnsafePointer<Float>) {
    self = UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  init(at pointer: UnsafeMutablePointer<Float>) {
    self.init(at: UnsafePointer(pointer))
  }

  func store(at pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: SIMD8<Float>.self)
  }
}

/// Mean and variance of each channel of pictures, in one pass.
enum ChannelMoments {
  /// - Parameters:
  ///   - x: pictures of `shape`, `[N, C, H, W]`, C a multiple of 8.
  /// - Returns: the means and the biased variances.
  static func of(
    _ x: UnsafePointer<Float>, _ shape: Shape, _ layout: PictureLayout
  ) -> (mean: [Float], variance: [Float]) {
    let places = LanePlaces(shape, layout)
    let area = shape[2] * shape[3]
    var sums = [SIMD8<Double>](repeating: .zero, count: places.groups)
    var squares = sums
    for sample in 0..<shape[0] {
      for run in runs(of: area) {
        for group in 0..<places.groups {
          let channel = x + places.offset(group: group)
          // Around a first guess of the mean, so that large means do not swallow small variances.
          let guess = Lane(at: channel)
          var pixel = channel + (sample * places.sampleStride + run.lowerBound * places.pixelStride)
          var runSum = Lane.zero
          var runSquares = Lane.zero
          for _ in run {
            let value = Lane(at: pixel) - guess
            runSum += value
            runSquares += value * value
            pixel += places.pixelStride
          }
          sums[group] += SIMD8<Double>(runSum)
          squares[group] += SIMD8<Double>(runSquares)
        }
      }
    }
    return moments(sums, squares, count: Double(shape[0] * area)) { x[places.offset(group: $0 / 8) + $0 % 8] }
  }

  /// Moments from sums of differences to a guess and of their squares.
  private static func moments(
    _ sums: [SIMD8<Double>], _ squares: [SIMD8<Double>], count: Double, guess: (_ channel: Int) -> Float
  ) -> (mean: [Float], variance: [Float]) {
    let channels = 0..<(8 * sums.count)
    let differences = channels.map { sums[$0 / 8][$0 % 8] / count }
    return (
      channels.map { Float(Double(guess($0)) + differences[$0]) },
      channels.map { Float(max(squares[$0 / 8][$0 % 8] / count - differences[$0] * differences[$0], 0)) }
    )
  }

  /// Ranges of pixels short enough to be summed in float.
  private static func runs(of area: Int) -> [Range<Int>] {
    stride(from: 0, to: area, by: 128).map { $0..<min($0 + 128, area) }
  }
}
