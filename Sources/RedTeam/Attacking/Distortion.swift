import Attacks
package import Compute
import Datasets
import Foundation
package import Imaging
import Media

/// Natural corruptions at five severities, and worst-case rotation and translation (Hendrycks and Dietterich 2019;
/// Engstrom et al. 2019).
package enum Distortion: String, CaseIterable, Sendable {
  case jpeg, h264, blur, noise, scale, gamma, spatial

  static let severities = 1...5

  /// - Parameter severity: 1…5.
  /// - Returns: one crop, or several variants of which the worst counts.
  /// - Throws: `MediaError` when libx264 is missing.
  package func apply(to crop: Frame, severity: Int, using generator: inout SeededGenerator) throws -> [Frame] {
    precondition(Self.severities.contains(severity), "there is no severity \(severity)")
    func level<Value>(_ values: [Value]) -> Value { values[severity - 1] }
    switch self {
    case .jpeg: return [crop.compressed(quality: level([80, 60, 40, 25, 12]))]
    case .h264:
      var coder = try H264RoundTrip(
        width: crop.width, height: crop.height, quantiser: level([23, 28, 33, 38, 43]))
      return [try coder.apply(to: crop)]
    case .blur: return [crop.blurred(sigma: level([0.5, 1, 2, 3, 4]))]
    case .noise: return [crop.noisy(standardDeviation: level([2, 5, 9, 14, 20]), using: &generator)]
    case .scale: return [crop.reduced(to: level([0.75, 0.5, 0.35, 0.25, 0.15]))]
    case .gamma: return [level([1.15, 1.3, 1.5, 1.8, 2.2]), 1 / level([1.15, 1.3, 1.5, 1.8, 2.2])].map(crop.gamma)
    case .spatial:
      let (degrees, fraction) = (level([3.0, 6, 10, 15, 20]), level([0.01, 0.02, 0.03, 0.05, 0.08]))
      return [-1.0, 0, 1].flatMap { turn in
        [-1.0, 0, 1].flatMap { right in
          [-1.0, 0, 1].map { down in
            crop.moved(
              degrees: turn * degrees, right: right * fraction * Double(crop.width),
              down: down * fraction * Double(crop.height))
          }
        }
      }
    }
  }
}

extension Frame {
  /// Gamma correction: raises each value on the [0, 1] scale to the power of `exponent`.
  fileprivate func gamma(_ exponent: Double) -> Frame {
    let table = (0..<256).map { UInt8((pow(Double($0) / 255, exponent) * 255).rounded()) }
    return Frame(width: width, height: height, pixels: pixels.map { table[Int($0)] })
  }

  /// Rotated about the centre and shifted, with bilinear interpolation and edge padding.
  fileprivate func moved(degrees: Double, right: Double, down: Double) -> Frame {
    let (sine, cosine) = (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
    let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
    var moved = [UInt8](repeating: 0, count: pixels.count)
    for y in 0..<height {
      for x in 0..<width {
        let (dx, dy) = (Double(x) - middleX - right, Double(y) - middleY - down)
        let sourceX = min(max(cosine * dx + sine * dy + middleX, 0), Double(width - 1))
        let sourceY = min(max(cosine * dy - sine * dx + middleY, 0), Double(height - 1))
        let (left, top) = (min(Int(sourceX), max(width - 2, 0)), min(Int(sourceY), max(height - 2, 0)))
        let (fractionX, fractionY) = (sourceX - Double(left), sourceY - Double(top))
        let (next, below) = (min(left + 1, width - 1), min(top + 1, height - 1))
        for channel in 0..<3 {
          func value(_ row: Int, _ column: Int) -> Double { Double(pixels[3 * (row * width + column) + channel]) }
          let upper = (1 - fractionX) * value(top, left) + fractionX * value(top, next)
          let lower = (1 - fractionX) * value(below, left) + fractionX * value(below, next)
          moved[3 * (y * width + x) + channel] = UInt8(((1 - fractionY) * upper + fractionY * lower).rounded())
        }
      }
    }
    return Frame(width: width, height: height, pixels: moved)
  }
}
