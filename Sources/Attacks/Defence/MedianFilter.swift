public import Compute

/// Median filter of each channel (Xu, Evans and Qi 2018) with edge padding. The gradient goes to the value that is the
/// median, which is exact where the filter is differentiable.
public struct MedianFilter: InputDefence {
  /// Side of the neighbourhood.
  public let side: Int
  public let isRandom = false

  /// - Precondition: `side` is odd, 3 to 7.
  public init(side: Int) {
    precondition([3, 5, 7].contains(side), "a median over \(side)×\(side) pixels")
    self.side = side
  }

  public var name: String { "median:\(side)" }

  public func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    let source = sources(x)
    var crop = x
    for i in source.indices { crop.values[i] = x.values[Int(source[i])] }
    return DefendedCrop(crop: crop) { gradient in
      var back = [Float](repeating: 0, count: gradient.count)
      for i in source.indices { back[Int(source[i])] += gradient[i] }
      return back
    }
  }

  /// Index of the median of each value's neighbourhood.
  private func sources(_ x: CropPixels) -> [Int32] {
    let reach = side / 2
    var indices = [Int32](repeating: 0, count: x.values.count)
    var window: [(value: Float, index: Int32)] = Array(repeating: (0, 0), count: side * side)
    x.values.withUnsafeBufferPointer { values in
      for row in 0..<x.height {
        for column in 0..<x.width {
          for channel in 0..<3 {
            var count = 0
            for down in -reach...reach {
              let line = min(max(row + down, 0), x.height - 1) * x.width
              for right in -reach...reach {
                let index = 3 * (line + min(max(column + right, 0), x.width - 1)) + channel
                // Insertion sort.
                var slot = count
                while slot > 0, window[slot - 1].value > values[index] {
                  window[slot] = window[slot - 1]
                  slot -= 1
                }
                window[slot] = (values[index], Int32(index))
                count += 1
              }
            }
            indices[3 * (row * x.width + column) + channel] = window[count / 2].index
          }
        }
      }
    }
    return indices
  }
}
