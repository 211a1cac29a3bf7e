public import Compute
import Glibc
public import Imaging

/// Variation of light and camera: brightness, contrast, gamma, saturation and white balance.
///
/// At full strength: gain ±25 %, contrast ±25 %, gamma 0.75…1.33, saturation ±40 %, each channel's gain ±6 % more.
public struct ColourShift: Augmentation {
  public static let name = "colour"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return crop }
    func factor(_ reach: Double) -> Double { 1 + generator.uniform(in: -reach...reach) * strength }
    let gain = factor(0.25)
    let gains = SIMD3(factor(0.06), factor(0.06), factor(0.06)) * gain
    let gamma = factor(0.33)
    return ColourTransform(
      gains: gains, contrast: factor(0.25), gamma: gamma < 1 ? 1 / (2 - gamma) : gamma, saturation: factor(0.4)
    ).apply(to: crop)
  }
}

/// A colour transform of all pixels: a tone curve per channel, then a change of saturation.
struct ColourTransform {
  /// 256 values for R, then for G, then for B.
  private var curves: [UInt8]
  /// Saturation factor in 256ths.
  private var saturation: Int32

  /// - Parameters:
  ///   - gains: factors of R, G and B, applied last.
  ///   - offsets: added to R, G and B, in 255ths.
  ///   - contrast: factor on the distance from middle grey.
  ///   - gamma: exponent on the [0, 1] scale.
  ///   - saturation: factor on the distance from grey.
  init(
    gains: SIMD3<Double> = .one, offsets: SIMD3<Double> = .zero, contrast: Double = 1, gamma: Double = 1,
    saturation: Double = 1
  ) {
    curves = []
    curves.reserveCapacity(3 * 256)
    for channel in 0..<3 {
      for value in 0..<256 {
        let curved = pow(Double(value) / 255, gamma)
        let result = ((curved - 0.5) * contrast + 0.5) * gains[channel] * 255 + offsets[channel]
        curves.append(UInt8(min(max(result, 0), 255).rounded()))
      }
    }
    self.saturation = Int32((saturation * 256).rounded())
  }

  func apply(to frame: Frame) -> Frame {
    var frame = frame
    let saturation = saturation
    curves.withUnsafeBufferPointer { curves in
      frame.pixels.withUnsafeMutableBufferPointer { pixels in
        for i in stride(from: 0, to: pixels.count, by: 3) {
          let r = Int32(curves[Int(pixels[i])])
          let g = Int32(curves[256 + Int(pixels[i + 1])])
          let b = Int32(curves[512 + Int(pixels[i + 2])])
          // Rec. 601 luma.
          let grey = (77 &* r &+ 150 &* g &+ 29 &* b &+ 128) >> 8
          pixels[i] = Self.byte(grey &+ ((r &- grey) &* saturation &+ 128) >> 8)
          pixels[i + 1] = Self.byte(grey &+ ((g &- grey) &* saturation &+ 128) >> 8)
          pixels[i + 2] = Self.byte(grey &+ ((b &- grey) &* saturation &+ 128) >> 8)
        }
      }
    }
    return frame
  }

  @inline(__always)
  private static func byte(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(value, 0), 255)) }
}
