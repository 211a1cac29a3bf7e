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

/// Mean and variance of the columns of a matrix, in one pass.
enum ChannelMoments {
  /// - Parameters:
  ///   - x: `[rows, channels]`, channels a multiple of 8.
  /// - Returns: the means and the biased variances.
  static func of(_ x: UnsafePointer<Float>, rows: Int, channels: Int) -> (mean: [Float], variance: [Float]) {
    var mean = [Float](repeating: 0, count: channels)
    var variance = mean
    var sums = [SIMD8<Double>](repeating: .zero, count: channels / 8)
    var squares = sums
    // Around a first guess of the mean, so that large means do not swallow small variances.
    forEachRun(rows: rows) { run in
      for block in 0..<(channels / 8) {
        let guess = Lane(at: x + 8 * block)
        var runSum = Lane.zero
        var runSquares = Lane.zero
        for row in run {
          let value = Lane(at: x + (row * channels + 8 * block)) - guess
          runSum += value
          runSquares += value * value
        }
        sums[block] += SIMD8<Double>(runSum)
        squares[block] += SIMD8<Double>(runSquares)
      }
    }
    for c in 0..<channels {
      let difference = sums[c / 8][c % 8] / Double(rows)
      mean[c] = Float(Double(x[c]) + difference)
      variance[c] = Float(max(squares[c / 8][c % 8] / Double(rows) - difference * difference, 0))
    }
    return (mean, variance)
  }

  /// Calls `body` with ranges of rows short enough to be summed in float.
  static func forEachRun(rows: Int, _ body: (Range<Int>) -> Void) {
    for start in stride(from: 0, to: rows, by: 128) { body(start..<min(start + 128, rows)) }
  }
}
