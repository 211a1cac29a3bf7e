import Imaging
import Testing

@testable import Datasets

@Suite("JPEG round trip")
struct JPEGTests {
  @Test("equals libjpeg up to rounding", arguments: [30, 75, 95])
  func golden(_ quality: Int) throws {
    let expected = try #require(GoldenJPEG.red[quality])
    var pixels: [UInt8] = []
    for y in 0..<16 {
      for x in 0..<16 {
        let wave = (x * 37 + y * y * 11 + x * y * 5) % 97
        pixels += [UInt8(wave + 90), UInt8(wave + 60), UInt8(wave + 40)]
      }
    }
    let frame = Frame(width: 16, height: 16, pixels: pixels).compressed(quality: quality)
    let errors = (0..<256).map { abs(Int(frame.pixels[$0 * 3]) - Int(expected[$0])) }
    // libjpeg rounds luma and colour to whole numbers before and after; a step at the edge of two may fall either way.
    #expect(errors.max() ?? 99 <= 4)
    #expect(Double(errors.reduce(0, +)) / 256 < 1)
  }

  @Test("quality 100 is nearly lossless, at any grid offset")
  func best() {
    let grey = AugmentationTests.picture()
    for offset in [(0, 0), (5, 11), (15, 15)] {
      let frame = grey.compressed(quality: 100, offset: offset)
      #expect(zip(frame.pixels, grey.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 12 })
    }
  }

  @Test("the transform without quantisation is the identity")
  func transform() {
    var plane = (0..<128).map { Float(($0 * 29) % 251) - 125 }
    let original = plane
    // Steps this fine lose nothing.
    let transform = BlockTransform(quantisation: [Float](repeating: 1e-3, count: 64))
    plane.withUnsafeMutableBufferPointer { transform.apply(to: $0, width: 16) }
    #expect(zip(plane, original).allSatisfy { abs($0 - $1) < 0.01 })
  }
}
