import Foundation
import Imaging
import Testing

/// Golden numbers by ssim_golden.py.
@Suite("Structural similarity")
struct StructuralSimilarityTests {
  private func pattern(_ width: Int, _ height: Int) -> Frame {
    let pixels = (0..<(width * height * 3)).map { (i: Int) -> UInt8 in
      let wave: Double = 100 + 60 * sin(Double(i) / 29)
      let value: Double = floor(wave + Double(i * 7 % 31))
      return UInt8(min(max(value, 0), 255))
    }
    return Frame(width: width, height: height, pixels: pixels)
  }

  private func changed(_ frame: Frame, _ kind: String) -> Frame {
    let pixels = frame.pixels.enumerated().map { i, value -> UInt8 in
      let changed =
        switch kind {
        case "checked": Int(value) + (i / 3 % 2 == 0 ? 6 : -6)
        case "brighter": Int(value) + 25
        case "spotted": i / 3 % 97 == 0 ? 255 : Int(value)
        default: 255 - Int(value)
        }
      return UInt8(min(max(changed, 0), 255))
    }
    return Frame(width: frame.width, height: frame.height, pixels: pixels)
  }

  @Test(
    "agrees with scikit-image",
    arguments: [
      (48, 40, "checked", 0.990209912942),
      (48, 40, "brighter", 0.980739786867),
      (48, 40, "spotted", 0.955189788981),
      (48, 40, "negative", -0.944506312961),
      (11, 11, "checked", 0.990183322305),
      (11, 11, "brighter", 0.980645793804),
      (11, 11, "spotted", 0.997882010151),
      (11, 11, "negative", -0.946038987378),
      (31, 17, "checked", 0.980347286089),
      (31, 17, "brighter", 0.980680353356),
      (31, 17, "spotted", 0.946799438592),
      (31, 17, "negative", -0.911705328164),
    ])
  func golden(_ width: Int, _ height: Int, _ kind: String, _ expected: Double) {
    let frame = pattern(width, height)
    #expect(abs(frame.structuralSimilarity(to: changed(frame, kind)) - expected) < 1e-9)
  }

  @Test("equal frames have 1, and the order does not matter")
  func properties() {
    let frame = pattern(24, 16)
    #expect(abs(frame.structuralSimilarity(to: frame) - 1) < 1e-12)
    let other = changed(frame, "spotted")
    #expect(frame.structuralSimilarity(to: other) == other.structuralSimilarity(to: frame))
  }
}
