import Imaging

/// A picture as JPEG holds it: luma in full resolution, two colour differences in half of it (4:2:0), all around 0.
struct ColourPlanes {
  /// Columns of `luma`, a multiple of 16.
  let width: Int
  var luma: [Float]
  /// Cb and Cr, half as many columns and rows.
  var blue: [Float]
  var red: [Float]

  /// - Parameter offset: columns and rows between the planes' corner and the picture's; they and what is missing to
  ///   whole blocks are filled with the nearest pixel.
  init(_ frame: Frame, offset: (x: Int, y: Int)) {
    let width = (frame.width + offset.x + 15) / 16 * 16
    let height = (frame.height + offset.y + 15) / 16 * 16
    var luma = [Float](repeating: 0, count: width * height)
    var blue = [Float](repeating: 0, count: width * height / 4)
    var red = blue
    let columns = (0..<width).map { min(max($0 - offset.x, 0), frame.width - 1) * 3 }
    frame.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        let row = min(max(y - offset.y, 0), frame.height - 1) * frame.width * 3
        let half = y / 2 * (width / 2)
        for x in 0..<width {
          let at = row + columns[x]
          let (r, g, b) = (Float(pixels[at]), Float(pixels[at + 1]), Float(pixels[at + 2]))
          luma[y * width + x] = 0.299 * r + 0.587 * g + 0.114 * b - 128
          // A quarter each: four pixels share one colour.
          blue[half + x / 2] += -0.0421840 * r - 0.0828160 * g + 0.125 * b
          red[half + x / 2] += 0.125 * r - 0.1046720 * g - 0.0203280 * b
        }
      }
    }
    self.width = width
    self.luma = luma
    self.blue = blue
    self.red = red
  }

  /// The picture at `offset` in the planes.
  func frame(width: Int, height: Int, offset: (x: Int, y: Int)) -> Frame {
    let planeWidth = self.width
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { output, initialized in
      luma.withUnsafeBufferPointer { luma in
        blue.withUnsafeBufferPointer { blue in
          red.withUnsafeBufferPointer { red in
            var out = 0
            for y in offset.y..<(offset.y + height) {
              let half = y / 2 * (planeWidth / 2)
              for x in offset.x..<(offset.x + width) {
                let light = luma[y * planeWidth + x] + 128
                let (b, r) = (blue[half + x / 2], red[half + x / 2])
                output[out] = Self.byte(light + 1.402 * r)
                output[out + 1] = Self.byte(light - 0.344136 * b - 0.714136 * r)
                output[out + 2] = Self.byte(light + 1.772 * b)
                out += 3
              }
            }
          }
        }
      }
      initialized = width * height * 3
    }
    return Frame(width: width, height: height, pixels: pixels)
  }

  @inline(__always)
  private static func byte(_ value: Float) -> UInt8 {
    // Positive after clamping, so cutting off half a step more rounds.
    UInt8(truncatingIfNeeded: Int32(min(max(value, 0), 255) + 0.5))
  }
}
