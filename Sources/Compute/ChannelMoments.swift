import CVectorLoops

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
    // Around a first guess of the mean, so that large means do not swallow small variances.
    let guesses = Tensor([shape[1]], (0..<shape[1]).map { x[places.offset(group: $0 / 8) + $0 % 8] })
    let sums = ChannelSums(channels: shape[1])
    guesses.withFloats { guess in
      for sample in 0..<shape[0] {
        for run in runs(of: area) {
          let start = x + (sample * places.sampleStride + run.lowerBound * places.pixelStride)
          for c in stride(from: 0, to: shape[1], by: 8) {
            lane_moments(
              start + places.offset(group: c / 8), guess.start + c, run.count, places.pixelStride, sums.first + c,
              sums.second + c)
          }
        }
      }
    }
    let count = Double(shape[0] * area)
    let channels = 0..<shape[1]
    return (
      channels.map { Float(Double(guesses[$0]) + sums.first[$0] / count) },
      channels.map { c in
        let difference = sums.first[c] / count
        return Float(max(sums.second[c] / count - difference * difference, 0))
      }
    )
  }

  /// Ranges of pixels short enough to be summed in float.
  private static func runs(of area: Int) -> [Range<Int>] {
    stride(from: 0, to: area, by: 128).map { $0..<min($0 + 128, area) }
  }
}

/// Two sums in double precision for each channel, both 0 at first.
final class ChannelSums {
  let first: UnsafeMutablePointer<Double>
  let second: UnsafeMutablePointer<Double>

  init(channels: Int) {
    first = .allocate(capacity: channels)
    second = .allocate(capacity: channels)
    first.initialize(repeating: 0, count: channels)
    second.initialize(repeating: 0, count: channels)
  }

  deinit {
    first.deallocate()
    second.deallocate()
  }
}
