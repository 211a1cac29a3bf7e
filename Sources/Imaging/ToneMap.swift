import Glibc

/// Maps pixels of a high dynamic range to SDR.
///
/// 1. Coded values become light in cd/m²: by the EOTF of PQ (ITU-R BT.2100, table 4), or for HLG by the inverse of its
///    OETF and the OOTF of a display of 1000 cd/m² (table 5: gamma 1.2).
/// 2. The EETF of ITU-R BT.2390, 5.4.1, compresses what is brighter than SDR white can show. SDR white is the HDR
///    reference white of ITU-R BT.2408: 203 cd/m². The greatest of the three components is mapped and the other two are
///    scaled with it, so that hues stay.
/// 3. Primaries become those of BT.709, and what lies outside of that gamut is cut off (ITU-R BT.2407, 2.2).
/// 4. Light is coded for the display of ITU-R BT.1886 with a black level of 0: a power of 1/2.4.
public struct ToneMap: Sendable {
  public enum Transfer: Sendable, Hashable { case pq, hlg }
  public enum Primaries: Sendable, Hashable { case bt2020, p3, bt709 }

  /// SDR white, and the nominal peak of HLG, in cd/m².
  static let white = 203.0
  static let peakOfHLG = 1000.0
  private static let steps = 4096
  /// The coded value 1 among 16-bit values, as libswscale makes them of YUV: 255 in the upper byte.
  public static let top = 65_280

  private let transfer: Transfer
  /// In cd/m².
  private let peak: Float
  /// Light of a coded value: in cd/m² for PQ, of the scene for HLG.
  private let light: [Float]
  /// Factor that brings light to SDR, by the fourth root of its fraction of the peak.
  private let factors: [Float]
  /// Coded SDR values, 0…255, by the square root of light.
  private let codes: [Float]
  /// Of linear light, in rows.
  private let matrix: [Float]

  /// - Parameter peak: brightest light of the content in cd/m²; that of HLG is fixed. Brought into 203…10 000.
  public init(_ transfer: Transfer, primaries: Primaries, peak: Double) {
    let peak = transfer == .hlg ? Self.peakOfHLG : min(max(peak, Self.white), 10_000)
    self.transfer = transfer
    self.peak = Float(peak)
    light = (0...65535).map { code in
      let value = min(Double(code) / Double(Self.top), 1)
      return Float(transfer == .pq ? Self.lightOfPQ(value) : Self.sceneLightOfHLG(value))
    }
    factors = (0...Self.steps).map { step in
      let part = Double(step) / Double(Self.steps)
      let light = max(part * part * part * part, 1e-9) * peak
      return Float(Self.compressed(light, peak: peak) / light / Self.white)
    }
    codes = (0...Self.steps).map { step in
      Float(255 * pow(Double(step) / Double(Self.steps), 2 / 2.4))
    }
    matrix =
      switch primaries {
      // ITU-R BT.2407, 2.2.
      case .bt2020:
        [
          1.660_491, -0.587_641, -0.072_850, -0.124_550, 1.132_900, -0.008_349, -0.018_151,
          -0.100_579, 1.118_730,
        ]
      case .p3:
        [1.224_940, -0.224_940, 0, -0.042_057, 1.042_057, 0, -0.019_638, -0.078_636, 1.098_274]
      case .bt709: [1, 0, 0, 0, 1, 0, 0, 0, 1]
      }
  }

  /// Maps pixels of three 16-bit values, 0 to `top` in native byte order, to pixels of three bytes.
  ///
  /// - Precondition: as many values of both.
  public func map(
    _ values: UnsafeBufferPointer<UInt16>, to bytes: UnsafeMutableBufferPointer<UInt8>
  ) {
    precondition(
      values.count == bytes.count && values.count % 3 == 0,
      "\(values.count) values, \(bytes.count) bytes")
    light.withUnsafeBufferPointer { light in
      factors.withUnsafeBufferPointer { factors in
        codes.withUnsafeBufferPointer { codes in
          matrix.withUnsafeBufferPointer { matrix in
            for start in stride(from: 0, to: values.count, by: 3) {
              var color = SIMD3(
                light[Int(values[start])], light[Int(values[start + 1])],
                light[Int(values[start + 2])])
              if transfer == .hlg {
                // Luminance of the scene by the weights of BT.2020, to the power of gamma − 1.
                let luminance = (color * SIMD3(0.2627, 0.6780, 0.0593)).sum()
                color *= peak * powf(luminance, 0.2)
              }
              color *= factor(color.max(), factors)
              for row in 0..<3 {
                let mixed =
                  (color * SIMD3(matrix[row * 3], matrix[row * 3 + 1], matrix[row * 3 + 2])).sum()
                let place = min(max(mixed, 0), 1).squareRoot() * Float(Self.steps)
                bytes[start + row] = UInt8((Self.value(of: codes, at: place) + 0.5).rounded(.down))
              }
            }
          }
        }
      }
    }
  }

  /// What brings the greatest component of a pixel to SDR.
  private func factor(_ greatest: Float, _ factors: UnsafeBufferPointer<Float>) -> Float {
    guard greatest < peak else { return 1 / greatest }
    return Self.value(
      of: factors, at: (greatest / peak).squareRoot().squareRoot() * Float(Self.steps))
  }

  private static func value(of table: UnsafeBufferPointer<Float>, at place: Float) -> Float {
    let index = min(Int(place), steps - 1)
    return table[index] + (table[index + 1] - table[index]) * (place - Float(index))
  }
}

extension ToneMap {
  /// Constants of PQ (ITU-R BT.2100, table 4).
  private static let (m1, m2) = (2610.0 / 16384, 2523.0 / 4096 * 128)
  private static let (c1, c2, c3) = (3424.0 / 4096, 2413.0 / 4096 * 32, 2392.0 / 4096 * 32)

  /// EOTF of PQ: light in cd/m² of a coded value, 0…1.
  private static func lightOfPQ(_ value: Double) -> Double {
    let power = pow(value, 1 / m2)
    return 10_000 * pow(max(power - c1, 0) / (c2 - c3 * power), 1 / m1)
  }

  /// Its inverse.
  private static func pq(ofLight light: Double) -> Double {
    let power = pow(light / 10_000, m1)
    return pow((c1 + c2 * power) / (1 + c3 * power), m2)
  }

  /// Inverse OETF of HLG: light of the scene, 0…1.
  private static func sceneLightOfHLG(_ value: Double) -> Double {
    let (a, b, c) = (0.17883277, 0.28466892, 0.55991073)
    return value <= 0.5 ? value * value / 3 : (exp((value - c) / a) + b) / 12
  }

  /// EETF of BT.2390: light in cd/m² that stands for `light` on a display whose white is SDR's, both blacks being 0.
  private static func compressed(_ light: Double, peak: Double) -> Double {
    let top = pq(ofLight: peak)
    let most = pq(ofLight: white) / top
    let value = min(pq(ofLight: light) / top, 1)
    let knee = 1.5 * most - 0.5
    guard most < 1, value > knee else { return min(light, white) }
    let t = (value - knee) / (1 - knee)
    let (t2, t3) = (t * t, t * t * t)
    let spline =
      (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most
    return lightOfPQ(spline * top)
  }
}
