import Testing

@testable import Imaging

@Suite("Heat maps")
struct HeatMapTests {
  private func grey(_ width: Int, _ height: Int) -> Frame {
    Frame(width: width, height: height, pixels: [UInt8](repeating: 100, count: width * height * 3))
  }

  @Test("values go from 0 to 1, whatever the weights; what is no number counts nothing")
  func scale() {
    let map = HeatMap(width: 3, height: 1, weights: [-5, .nan, 40])
    #expect(map.values == [0, 0, 1])
    #expect(!map.isEmpty)
    #expect(HeatMap(width: 2, height: 2, weights: [0, 0, 0, 0]).isEmpty)
    // One bright spot among a thousand does not darken the rest.
    var weights = [Float](repeating: 1, count: 1000)
    weights[7] = 1e6
    #expect(HeatMap(width: 100, height: 10, weights: weights).values.allSatisfy { $0 == 1 })
  }

  @Test("where nothing counts the picture is grey, where much counts it has the map's colour")
  func paint() {
    let red = Frame(width: 8, height: 4, pixels: (0..<32).flatMap { _ in [UInt8(200), 20, 20] })
    let painted = HeatMap(width: 2, height: 1, weights: [0, 1]).painted(over: red)
    let left = Array(painted.pixels[0..<3])
    let right = Array(painted.pixels[21..<24])
    #expect(Set(left).count == 1)
    #expect(right[0] > right[2] && right[0] > left[0] + 50)
    #expect(HeatMap(width: 2, height: 1, weights: [0, 0]).painted(over: red, keepsColours: true) == red)
    #expect(HeatMap(width: 2, height: 1, weights: [0, 0]).painted(over: red).pixels.allSatisfy { $0 == left[0] })
  }

  @Test("another grid has the values between the cells' centres")
  func resample() {
    let map = HeatMap(width: 2, height: 1, weights: [0, 1])
    #expect(map.resampled(width: 4, height: 1) == [0, 0.25, 0.75, 1])
    #expect(HeatMap.mean([map, HeatMap(width: 1, height: 2, weights: [1, 1])]).width == 2)
  }

  @Test("pixels become means of blocks")
  func blocks() {
    var weights = [Float](repeating: 0, count: 64 * 64)
    for y in 0..<8 { for x in 0..<8 { weights[(y + 32) * 64 + x + 40] = 1 } }
    let map = HeatMap.ofPixels(weights, width: 64, height: 64, block: 4)
    #expect(map.width == 16 && map.height == 16)
    let greatest = map.values.indices.max { map.values[$0] < map.values[$1] } ?? 0
    #expect((8...9).contains(greatest / 16) && (10...11).contains(greatest % 16))
  }

  @Test("pasting and outlining stop at the edges")
  func draw() {
    var frame = grey(6, 5)
    frame.paste(Frame(width: 4, height: 4, pixels: [UInt8](repeating: 9, count: 48)), x: -2, y: 3)
    #expect(frame.pixels.count { $0 == 9 } == 2 * 2 * 3)
    frame.paste(Frame(width: 2, height: 2, pixels: [UInt8](repeating: 7, count: 12)), x: 50, y: -9)
    #expect(!frame.pixels.contains(7))
    var outlined = grey(6, 5)
    outlined.outline(Box(x: 1, y: 1, width: 20, height: 3), thickness: 1, colour: [1, 2, 3])
    #expect(outlined.pixels[(1 * 6 + 5) * 3] == 1 && outlined.pixels[(2 * 6 + 5) * 3] == 100)
    #expect(outlined.pixels[0] == 100)
  }
}
