public import Compute
public import Imaging

/// Gaussian noise, independent in each value, of up to 9/255 standard deviation at full strength.
public struct SensorNoise: Augmentation {
  public static let name = "noise"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    let standardDeviation = generator.uniform(in: 1...9) * strength
    return crop.noisy(standardDeviation: standardDeviation, using: &generator)
  }

  /// A table of normal deviates with a mean of exactly 0: drawing an index is faster than drawing a deviate.
  fileprivate static let deviates: [Float] = {
    var generator = SeededGenerator(seed: 1)
    let half = (0..<2048).map { _ in generator.normal() }
    return half + half.map { -$0 }
  }()
}

extension Frame {
  /// The frame with Gaussian noise, independent in each value.
  ///
  /// - Parameter deviation: in 255ths.
  public func noisy(standardDeviation: Double, using generator: inout SeededGenerator) -> Frame {
    guard standardDeviation > 0 else { return self }
    let steps = SensorNoise.deviates.map { Int16((standardDeviation * Double($0)).rounded()) }
    var frame = self
    steps.withUnsafeBufferPointer { steps in
      frame.pixels.withUnsafeMutableBufferPointer { pixels in
        for start in stride(from: 0, to: pixels.count, by: 5) {
          // An index has 12 bits, so one word serves five values.
          var word = generator.next()
          for i in start..<min(start + 5, pixels.count) {
            let value = Int16(pixels[i]) &+ steps[Int(word & 0xFFF)]
            pixels[i] = UInt8(truncatingIfNeeded: min(max(value, 0), 255))
            word >>= 12
          }
        }
      }
    }
    return frame
  }
}
