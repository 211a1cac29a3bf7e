import Imaging
import Testing

@Suite("A frame as a picture")
struct PictureTests {
  /// Each pixel names its column in red and its row in green.
  let frame: Frame = {
    var pixels: [UInt8] = []
    for row in 0..<3 as Range<UInt8> {
      for column in 0..<4 as Range<UInt8> { pixels += [column * 10, row * 10, 7] }
    }
    return Frame(width: 4, height: 3, pixels: pixels)
  }()

  func reds(_ frame: Frame) -> [UInt8] { (0..<frame.width).map { frame.pixels[$0 * 3] } }
  func greens(_ frame: Frame) -> [UInt8] { (0..<frame.height).map { frame.pixels[$0 * frame.width * 3 + 1] } }

  @Test("a region inside is cut out as it is")
  func inside() {
    let cut = frame.pixels(of: Box(x: 1, y: 1, width: 2, height: 2))
    #expect(reds(cut) == [10, 20])
    #expect(greens(cut) == [10, 20])
  }

  @Test("a region between pixels takes the whole pixels around it")
  func betweenPixels() {
    let cut = frame.pixels(of: Box(x: 0.5, y: 1.2, width: 1, height: 0.1))
    #expect(reds(cut) == [0, 10])
    #expect(greens(cut) == [10])
  }

  @Test("edge pixels are repeated on all four sides")
  func beyond() {
    let cut = frame.pixels(of: Box(x: -2, y: -1, width: 8, height: 5))
    #expect(reds(cut) == [0, 0, 0, 10, 20, 30, 30, 30])
    #expect(greens(cut) == [0, 0, 10, 20, 20])
    #expect(cut.pixels.count == 8 * 5 * 3)
  }

  @Test(
    "a region outside shows the nearest edge",
    arguments: [(-9.0, -9.0, 0, 0), (9, 1, 30, 10), (1, 9, 10, 20)] as [(Double, Double, UInt8, UInt8)])
  func outside(x: Double, y: Double, red: UInt8, green: UInt8) {
    let region = Box(x: x, y: y, width: 1, height: 1)
    #expect(frame.pixels(of: region).pixels == [red, green, 7])
    #expect(frame.thumbnail(of: region, width: 2, height: 1).pixels == [red, green, 7, red, green, 7])
  }

  @Test("a thumbnail shows the visible part of its region only")
  func thumbnailIsCutOff() {
    let thumbnail = frame.thumbnail(of: Box(x: 2, y: 0, width: 100, height: 3), width: 2, height: 3)
    #expect(reds(thumbnail) == [20, 30])
  }

  @Test("a crop is the whole-pixel square, resized")
  func crop() throws {
    let square = Box(x: 0.6, y: 0.7, width: 1.8, height: 1.8)
    let crop = try frame.crop(square: square, size: 2)
    #expect(reds(crop) == [10, 20])
    #expect(greens(crop) == [10, 20])
    let larger = try frame.crop(square: square, size: 6)
    #expect(larger == frame.pixels(of: Box(x: 1, y: 1, width: 2, height: 2)).resized(width: 6, height: 6))
  }

  @Test("flipping exchanges left and right, twice changes nothing")
  func flip() {
    #expect(reds(frame.flippedHorizontally()) == [30, 20, 10, 0])
    #expect(greens(frame.flippedHorizontally()) == [0, 10, 20])
    #expect(frame.flippedHorizontally().flippedHorizontally() == frame)
  }
}
