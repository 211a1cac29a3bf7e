import Glibc
import Imaging

extension Frame {
  /// Samples a window at the frame's own size by bilinear interpolation; outside, it repeats the nearest edge pixel.
  ///
  /// For windows of about the frame's size: a much larger one would cause aliasing.
  func sampled(_ window: Box) -> Frame {
    let columns = LinearTaps(start: window.x, length: window.width, inputs: width, outputs: width)
    let rows = LinearTaps(start: window.y, length: window.height, inputs: height, outputs: height)
    let rowBytes = width * 3
    let output = [UInt8](unsafeUninitializedCapacity: height * rowBytes) { output, initialized in
      pixels.withUnsafeBufferPointer { input in
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: rowBytes) { mixed in
          for y in 0..<height {
            let upper = rows.first[y] * rowBytes
            let lower = rows.second[y] * rowBytes
            let fraction = rows.weight[y]
            for i in 0..<rowBytes {
              mixed[i] = UInt16(input[upper + i]) &* (256 &- fraction) &+ UInt16(input[lower + i]) &* fraction
            }
            var out = y * rowBytes
            for x in 0..<width {
              let left = columns.first[x] * 3
              let right = columns.second[x] * 3
              let fraction = UInt32(columns.weight[x])
              for channel in 0..<3 {
                let sum =
                  UInt32(mixed[left + channel]) &* (256 &- fraction) &+ UInt32(mixed[right + channel]) &* fraction
                output[out + channel] = UInt8(truncatingIfNeeded: (sum &+ 0x8000) >> 16)
              }
              out += 3
            }
          }
        }
      }
      initialized = height * rowBytes
    }
    return Frame(width: width, height: height, pixels: output)
  }
}

extension Frame {
  /// Samples a rotated window at the frame's own size by bilinear interpolation; outside, it repeats the edge pixel.
  ///
  /// - Parameter radians: clockwise angle of the window's rows relative to the frame's.
  func sampled(_ window: Box, radians: Double) -> Frame {
    // A step along an output row or column, in 65536ths of an input pixel.
    func fixed(_ value: Double) -> Int { Int((value * 65536).rounded()) }
    let stepX = window.width / Double(width)
    let stepY = window.height / Double(height)
    let across = (x: fixed(cos(radians) * stepX), y: fixed(sin(radians) * stepX))
    let down = (x: fixed(-sin(radians) * stepY), y: fixed(cos(radians) * stepY))
    let first = (
      x: fixed(window.centerX - 0.5) - (across.x * (width - 1) + down.x * (height - 1)) / 2,
      y: fixed(window.centerY - 0.5) - (across.y * (width - 1) + down.y * (height - 1)) / 2
    )
    let (right, bottom) = ((width - 1) << 16, (height - 1) << 16)
    let output = [UInt8](unsafeUninitializedCapacity: pixels.count) { output, initialized in
      pixels.withUnsafeBufferPointer { input in
        var out = 0
        for row in 0..<height {
          for column in 0..<width {
            let x = min(max(first.x &+ column &* across.x &+ row &* down.x, 0), right)
            let y = min(max(first.y &+ column &* across.y &+ row &* down.y, 0), bottom)
            let upper = ((y >> 16) &* width &+ (x >> 16)) &* 3
            let aside = x < right ? 3 : 0
            let lower = y < bottom ? width &* 3 : 0
            let (fractionX, fractionY) = ((x >> 8) & 255, (y >> 8) & 255)
            for channel in 0..<3 {
              let index = upper &+ channel
              let top = Int(input[index]) &* (256 &- fractionX) &+ Int(input[index &+ aside]) &* fractionX
              let base =
                Int(input[index &+ lower]) &* (256 &- fractionX) &+ Int(input[index &+ lower &+ aside]) &* fractionX
              let sum = top &* (256 &- fractionY) &+ base &* fractionY
              output[out] = UInt8(truncatingIfNeeded: (sum &+ 0x8000) >> 16)
              out &+= 1
            }
          }
        }
      }
      initialized = pixels.count
    }
    return Frame(width: width, height: height, pixels: output)
  }
}

/// For each output position: the two inputs around it, and the weight of the second.
private struct LinearTaps {
  private(set) var first: [Int] = []
  private(set) var second: [Int] = []
  /// In 256ths.
  private(set) var weight: [UInt16] = []

  init(start: Double, length: Double, inputs: Int, outputs: Int) {
    for output in 0..<outputs {
      let index = start + (Double(output) + 0.5) * length / Double(outputs) - 0.5
      let below = index.rounded(.down)
      first.append(min(max(Int(below), 0), inputs - 1))
      second.append(min(max(Int(below) + 1, 0), inputs - 1))
      weight.append(UInt16(((index - below) * 256).rounded()))
    }
  }
}
