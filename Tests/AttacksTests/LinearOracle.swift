import Attacks
import Compute

/// A detector whose logit is linear in the pixels: what the best perturbation is can be computed.
final class LinearOracle: GradientOracle {
  private(set) var queries = 0
  private(set) var gradients = 0
  let weights: [Float]
  let offset: Float

  /// Random weights; the logit of `x` becomes `logit`.
  init(seed: UInt64, at x: CropPixels, logit: Float) {
    var generator = SeededGenerator(seed: seed)
    let weights = x.values.map { _ in generator.normal() }
    self.weights = weights
    offset = logit - Self.product(weights, x.values)
  }

  func logit(of x: CropPixels) -> Float {
    queries += 1
    return Self.product(weights, x.values) + offset
  }

  func gradient(at x: CropPixels) -> (logit: Float, gradient: [Float]) {
    gradients += 1
    return (Self.product(weights, x.values) + offset, weights)
  }

  private static func product(_ a: [Float], _ b: [Float]) -> Float {
    Float(zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) })
  }
}

extension CropPixels {
  /// 8-bit values between 64 and 191: far from both ends of the range.
  static func middling(width: Int = 12, height: Int = 10, seed: UInt64 = 1) -> CropPixels {
    var generator = SeededGenerator(seed: seed)
    let bytes = (0..<(width * height * 3)).map { _ in UInt8(64 + generator.next() >> 57) }
    return CropPixels(width: width, height: height, bytes: bytes)
  }
}
