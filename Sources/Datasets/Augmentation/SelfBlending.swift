public import Compute
public import Imaging

/// Turns a real crop into a fake by blending it with a transformed copy of itself (Shiohara and Yamasaki, "Detecting
/// Deepfakes with Self-Blended Images", CVPR 2022), so that real footage suffices to learn blending artefacts.
///
/// As in the paper (§3.2): source and target are copies of the crop; one of the two, at random, gets a different colour
/// and sharpness; the source is then shifted and scaled slightly; `M·r·source + (1 - M·r)·target` with the soft mask
/// M and r from {¼, ½, ¾, 1, 1, 1}. Instead of landmarks, which crops do not have, the mask uses regions of a centred
/// face.
/// Strength scales the differences between the two copies.
public struct SelfBlending: Augmentation {
  public static let name = "self-blend"
  public static let makesFakes = true
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  private static let ratios: [Float] = [0.25, 0.5, 0.75, 1, 1, 1]

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return crop }
    let changed = changed(crop, using: &generator)
    let (source, target) = generator.chance(0.5) ? (changed, crop) : (crop, changed)
    let moved = moved(source, using: &generator)
    let mask = FaceMask(using: &generator)
    return target.blended(with: moved, mask: mask, ratio: generator.pick(Self.ratios))
  }

  /// A different colour and sharpness: downscaled and upscaled, or sharpened.
  private func changed(_ crop: Frame, using generator: inout SeededGenerator) -> Frame {
    func reach(_ limit: Double) -> Double { generator.uniform(in: -limit...limit) * strength }
    let offsets = SIMD3(reach(20), reach(20), reach(20))
    let gain = 1 + reach(0.1)
    let coloured = ColourTransform(
      gains: SIMD3(repeating: gain), offsets: offsets, contrast: 1 + reach(0.1), saturation: 1 + reach(0.3)
    ).apply(to: crop)
    if generator.chance(0.5) {
      return coloured.reduced(to: 1 - strength * generator.uniform(in: 0.3...0.75))
    }
    return coloured.sharpened(by: Float(strength * generator.uniform(in: 0.3...1)))
  }

  /// Shifts by up to 3 % horizontally and 1.5 % vertically, and scales by up to 5 %.
  private func moved(_ crop: Frame, using generator: inout SeededGenerator) -> Frame {
    func reach(_ limit: Double) -> Double { generator.uniform(in: -limit...limit) * strength }
    let width = Double(crop.width)
    let height = Double(crop.height)
    let scale = 1 + reach(0.05)
    let x = width * (reach(0.03) + (1 - scale) / 2)
    let y = height * (reach(0.015) + (1 - scale) / 2)
    return crop.sampled(Box(x: x, y: y, width: width * scale, height: height * scale))
  }
}

extension Frame {
  /// Unsharp masking: adds the difference from a slightly blurred copy, `amount` times.
  fileprivate func sharpened(by amount: Float) -> Frame {
    let soft = BlurKernel(sigma: 1).apply(to: self)
    let factor = Int32(amount * 256)
    var result = self
    soft.pixels.withUnsafeBufferPointer { soft in
      result.pixels.withUnsafeMutableBufferPointer { pixels in
        for i in pixels.indices {
          let value = Int32(pixels[i])
          let sharp = value &+ ((value &- Int32(soft[i])) &* factor) >> 8
          pixels[i] = UInt8(truncatingIfNeeded: min(max(sharp, 0), 255))
        }
      }
    }
    return result
  }
}
