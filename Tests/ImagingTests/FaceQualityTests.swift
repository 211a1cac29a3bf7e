import Testing

@testable import Imaging

@Suite("Quality of faces")
struct FaceQualityTests {
  private static let box = Box(x: 0, y: 0, width: 90, height: 90)

  /// A chessboard of fields of `field` pixels, between two grey values.
  private static func board(field: Int, _ dark: UInt8, _ bright: UInt8, size: Int = 96) -> Frame {
    var pixels: [UInt8] = []
    for y in 0..<size {
      for x in 0..<size {
        let value = (x / field + y / field).isMultiple(of: 2) ? dark : bright
        pixels += [value, value, value]
      }
    }
    return Frame(width: size, height: size, pixels: pixels)
  }

  @Test("luma is the mean, side that of the box")
  func measures() {
    let quality = FaceQuality(of: Self.board(field: 4, 40, 60), box: Self.box)
    #expect(quality.side == 90 && abs(quality.luma - 50) < 1e-9)
    // Every block differs from its four neighbours by 20: 80, and the deviation is 10.
    #expect(abs(quality.sharpness - 80.0 / 11) < 1e-9)
    let grey = FaceQuality(of: Self.board(field: 1, 7, 7), box: Self.box)
    #expect(grey.luma == 7 && grey.sharpness == 0)
    // Detail finer than a block does not count, and what cannot be measured is not held against a crop.
    #expect(FaceQuality(of: Self.board(field: 1, 40, 60), box: Self.box).sharpness == 0)
    #expect(FaceQuality(of: Self.board(field: 1, 40, 60, size: 11), box: Self.box).sharpness == .infinity)
  }

  @Test("contrast changes sharpness little, enlarging a small picture lowers it")
  func sharpness() {
    let strong = FaceQuality(of: Self.board(field: 8, 20, 220), box: Self.box)
    let weak = FaceQuality(of: Self.board(field: 8, 100, 140), box: Self.box)
    #expect(abs(strong.sharpness - weak.sharpness) < 0.1 * strong.sharpness)
    var state: UInt32 = 1
    let noise = (0..<(96 * 96)).flatMap { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return [UInt8](repeating: UInt8(state >> 24), count: 3)
    }
    let fine = Frame(width: 96, height: 96, pixels: noise)
    let enlarged = fine.resized(width: 12, height: 12).resized(width: 96, height: 96)
    let (sharp, soft) = (FaceQuality(of: fine, box: Self.box), FaceQuality(of: enlarged, box: Self.box))
    #expect(sharp.sharpness > 2 && soft.sharpness < 0.5 * sharp.sharpness)
  }

  @Test("each measure alone can be too low")
  func floor() {
    let floor = QualityFloor(side: 24, luma: 16, sharpness: 0.15)
    let least = FaceQuality(side: 24, luma: 16, sharpness: 0.15)
    #expect(floor.admits(least))
    for path in [\FaceQuality.side, \.luma, \.sharpness] {
      var lower = least
      lower[keyPath: path] *= 0.99
      #expect(!floor.admits(lower))
    }
  }
}
