public import Compute
public import Imaging

/// JPEG compression: blocks, ringing and coarse colour, as in most pictures and, similarly, in all videos.
///
/// Quality 30…95 at full strength, 4:2:0 chroma, and a random offset of the block grid, because faces are rarely aligned
/// to it. Entropy coding is lossless and omitted.
public struct JPEGCompression: Augmentation {
  public static let name = "jpeg"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return crop }
    let quality = 100 - strength * generator.uniform(in: 5...70)
    let offset = generator.next() >> 56
    return crop.compressed(quality: Int(quality.rounded()), offset: (Int(offset & 15), Int(offset >> 4)))
  }
}

extension Frame {
  /// The frame after a round trip through JPEG's losses.
  ///
  /// - Parameters:
  ///   - quality: 1…100, on the scale of the Independent JPEG Group.
  ///   - offset: columns and rows, 0…15, by which the frame is shifted against the grid of blocks.
  public func compressed(quality: Int, offset: (x: Int, y: Int) = (0, 0)) -> Frame {
    let tables = JPEGQuantisation(quality: quality)
    var planes = ColourPlanes(self, offset: offset)
    let luma = BlockTransform(quantisation: tables.luma)
    let chroma = BlockTransform(quantisation: tables.chroma)
    planes.luma.withUnsafeMutableBufferPointer { luma.apply(to: $0, width: planes.width) }
    planes.blue.withUnsafeMutableBufferPointer { chroma.apply(to: $0, width: planes.width / 2) }
    planes.red.withUnsafeMutableBufferPointer { chroma.apply(to: $0, width: planes.width / 2) }
    return planes.frame(width: width, height: height, offset: offset)
  }
}

/// The quantisation tables of a JPEG quality: those of ITU-T T.81 annex K, scaled as by the Independent JPEG Group.
struct JPEGQuantisation {
  /// 64 divisors each, row-major.
  let luma: [Float]
  let chroma: [Float]

  /// - Parameter quality: 1…100.
  init(quality: Int) {
    precondition((1...100).contains(quality), "JPEG quality \(quality) is not in 1…100")
    let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
    func scaled(_ table: [Int]) -> [Float] { table.map { Float(min(max(($0 * percent + 50) / 100, 1), 255)) } }
    luma = scaled(Self.annexLuma)
    chroma = scaled(Self.annexChroma)
  }

  private static let annexLuma = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
    51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
    120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ]

  private static let annexChroma = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
  ]
}

/// A picture in JPEG's colour planes: full-resolution luma, half-resolution colour differences (4:2:0), all around 0.
struct ColourPlanes {
  /// Width of `luma`, a multiple of 16.
  let width: Int
  var luma: [Float]
  /// Cb and Cr, with half as many columns and rows.
  var blue: [Float]
  var red: [Float]

  /// - Parameter offset: columns and rows between the corners of the planes and of the picture; these and the padding
  ///   to whole blocks repeat the nearest pixel.
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
          // A quarter each: four pixels share one chroma sample.
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
    // Positive after clamping, so truncation after adding one half rounds.
    UInt8(truncatingIfNeeded: Int32(min(max(value, 0), 255) + 0.5))
  }
}
