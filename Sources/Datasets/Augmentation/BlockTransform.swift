import Glibc

/// JPEG's effect on a plane: DCT of 8×8 blocks, quantisation, and inverse DCT.
///
/// The DCT is that of Arai, Agui and Nakajima (1988), with 5 multiplications for 8 values, eight columns at once; its
/// scale factors are folded into the quantisation.
struct BlockTransform {
  /// From DCT coefficients to quantisation steps, by row.
  private let toSteps: [SIMD8<Float>]
  /// From quantisation steps to inputs of the inverse DCT.
  private let fromSteps: [SIMD8<Float>]

  /// - Parameter table: 64 divisors, row-major.
  init(quantisation table: [Float]) {
    let factors = (0..<8).map { $0 == 0 ? 1 : Float(cos(Double($0) * .pi / 16) * 2.0.squareRoot()) }
    var toSteps: [SIMD8<Float>] = []
    var fromSteps: [SIMD8<Float>] = []
    for row in 0..<8 {
      let divisors = SIMD8<Float>(table[(8 * row)..<(8 * row + 8)])
      let scale = SIMD8<Float>(factors) * factors[row]
      toSteps.append(1 / (divisors * scale * 8))
      fromSteps.append(divisors * scale / 8)
    }
    self.toSteps = toSteps
    self.fromSteps = fromSteps
  }

  /// Transforms a plane in place.
  ///
  /// - Precondition: `width` and the number of rows are multiples of 8.
  func apply(to plane: UnsafeMutableBufferPointer<Float>, width: Int) {
    precondition(width % 8 == 0 && plane.count % (8 * width) == 0, "a plane of whole blocks is needed")
    withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: 8) { block in
      for top in stride(from: 0, to: plane.count, by: 8 * width) {
        for left in stride(from: top, to: top + width, by: 8) {
          for row in 0..<8 {
            for column in 0..<8 { block[row][column] = plane[left + row * width + column] }
          }
          roundTrip(block)
          for row in 0..<8 {
            for column in 0..<8 { plane[left + row * width + column] = block[row][column] }
          }
        }
      }
    }
  }

  private func roundTrip(_ block: UnsafeMutableBufferPointer<SIMD8<Float>>) {
    Self.forward(block)
    Self.transpose(block)
    Self.forward(block)
    // The block is transposed at this point; the scale factors are symmetric, but the table is not.
    Self.transpose(block)
    for row in 0..<8 {
      // Adding 1.5 · 2²³ leaves no fraction bits: rounds without a function call.
      let rounded = (block[row] * toSteps[row] + 0x1.8p23) - 0x1.8p23
      block[row] = rounded * fromSteps[row]
    }
    Self.inverse(block)
    Self.transpose(block)
    Self.inverse(block)
    Self.transpose(block)
  }

  private static func transpose(_ block: UnsafeMutableBufferPointer<SIMD8<Float>>) {
    for row in 1..<8 {
      for column in 0..<row {
        let value = block[row][column]
        block[row][column] = block[column][row]
        block[column][row] = value
      }
    }
  }

  private static func forward(_ v: UnsafeMutableBufferPointer<SIMD8<Float>>) {
    let (a0, a7) = (v[0] + v[7], v[0] - v[7])
    let (a1, a6) = (v[1] + v[6], v[1] - v[6])
    let (a2, a5) = (v[2] + v[5], v[2] - v[5])
    let (a3, a4) = (v[3] + v[4], v[3] - v[4])
    let (b0, b3) = (a0 + a3, a0 - a3)
    let (b1, b2) = (a1 + a2, a1 - a2)
    v[0] = b0 + b1
    v[4] = b0 - b1
    let c = (b2 + b3) * 0.707106781
    v[2] = b3 + c
    v[6] = b3 - c
    let (d0, d1, d2) = (a4 + a5, a5 + a6, a6 + a7)
    let e = (d0 - d2) * 0.382683433
    let f0 = d0 * 0.541196100 + e
    let f2 = d2 * 1.306562965 + e
    let f1 = d1 * 0.707106781
    let (g, h) = (a7 + f1, a7 - f1)
    v[5] = h + f0
    v[3] = h - f0
    v[1] = g + f2
    v[7] = g - f2
  }

  private static func inverse(_ v: UnsafeMutableBufferPointer<SIMD8<Float>>) {
    let (a0, a1) = (v[0] + v[4], v[0] - v[4])
    let a3 = v[2] + v[6]
    let a2 = (v[2] - v[6]) * 1.414213562 - a3
    let (b0, b3) = (a0 + a3, a0 - a3)
    let (b1, b2) = (a1 + a2, a1 - a2)
    let (c6, c5) = (v[5] + v[3], v[5] - v[3])
    let (c1, c4) = (v[1] + v[7], v[1] - v[7])
    let d7 = c1 + c6
    let e = (c5 + c4) * 1.847759065
    let d6 = e - c5 * 2.613125930 - d7
    let d5 = (c1 - c6) * 1.414213562 - d6
    let d4 = e - c4 * 1.082392200 - d5
    v[0] = b0 + d7
    v[7] = b0 - d7
    v[1] = b1 + d6
    v[6] = b1 - d6
    v[2] = b2 + d5
    v[5] = b2 - d5
    v[3] = b3 + d4
    v[4] = b3 - d4
  }
}
