import Imaging
import Testing

@Suite("Frame.resized")
struct FrameResizeTests {
  @Test("equals Pillow's BILINEAR to the bit", arguments: ResizeCase.golden)
  func golden(_ c: ResizeCase) {
    let frame = Frame.pattern(width: c.width, height: c.height)
    let resized = frame.thumbnail(of: c.region, width: c.outputWidth, height: c.outputHeight)
    #expect(resized.width == c.outputWidth && resized.height == c.outputHeight)
    #expect(resized.pixels == c.pixels)
    if c.region == frame.bounds {
      #expect(frame.resized(width: c.outputWidth, height: c.outputHeight) == resized)
    }
  }

  @Test("equals Pillow at the size of a face crop")
  func faceSized() {
    let resized = Frame.pattern(width: 400, height: 400).resized(width: 256, height: 256)
    let hash = resized.pixels.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    #expect(hash == ResizeCase.faceSizedHash)
  }

  @Test("leaves a frame of the wanted size alone")
  func identity() {
    let frame = Frame.pattern(width: 17, height: 5)
    #expect(frame.resized(width: 17, height: 5) == frame)
  }

  @Test("keeps a flat colour exactly, white too", arguments: [(31, 7), (200, 3), (8, 300)])
  func flat(size: (Int, Int)) {
    let frame = Frame(width: 37, height: 23, pixels: [UInt8](repeating: 255, count: 37 * 23 * 3))
    let resized = frame.resized(width: size.0, height: size.1)
    #expect(resized.pixels.allSatisfy { $0 == 255 })
  }

  @Test("averages a fine chequerboard to grey instead of aliasing")
  func antialiased() {
    let pixels = (0..<64 * 64).flatMap { (i: Int) -> [UInt8] in
      let isBlack = (i + i / 64).isMultiple(of: 2)
      return [UInt8](repeating: isBlack ? 0 : 255, count: 3)
    }
    let resized = Frame(width: 64, height: 64, pixels: pixels).resized(width: 16, height: 16)
    #expect(resized.pixels.allSatisfy { (120...135).contains($0) })
  }
}
