public import Compute

/// The median of each value's neighbourhood in its channel (Xu, Evans and Qi 2018); borders go on with their last
/// pixels. Gradients go to the value that was the median, which is the true gradient wherever there is one.
public struct MedianFilter: InputDefence {
  /// Side of the neighbourhood.
  public let side: Int
  public let isRandom = false

  /// - Precondition: an odd side, 3 to 7.
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

  /// Where in the crop the median of each value's neighbourhood is.
  private func sources(_ x: CropPixels) -> [Int32] {
    let reach = side / 2
    var places = [Int32](repeating: 0, count: x.values.count)
    var window: [(value: Float, place: Int32)] = Array(repeating: (0, 0), count: side * side)
    x.values.withUnsafeBufferPointer { values in
      for row in 0..<x.height {
        for column in 0..<x.width {
          for channel in 0..<3 {
            var count = 0
            for down in -reach...reach {
              let line = min(max(row + down, 0), x.height - 1) * x.width
              for right in -reach...reach {
                let place = 3 * (line + min(max(column + right, 0), x.width - 1)) + channel
                // Sorted as they come.
                var slot = count
                while slot > 0, window[slot - 1].value > values[place] {
                  window[slot] = window[slot - 1]
                  slot -= 1
                }
                window[slot] = (values[place], Int32(place))
                count += 1
              }
            }
            places[3 * (row * x.width + column) + channel] = window[count / 2].place
          }
        }
      }
    }
    return places
  }
}
