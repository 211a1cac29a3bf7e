import Glibc
import Imaging
import Testing

@Suite("High dynamic range is mapped to SDR")
struct ToneMapTests {
  /// BT.2100, PQ.
  private static func pq(_ light: Double) -> Double {
    let y = pow(light / 10_000, 0.1593017578125)
    return pow((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y), 78.84375)
  }

  private static func light(_ pq: Double) -> Double {
    let e = pow(pq, 1 / 78.84375)
    return 10_000 * pow(max(e - 0.8359375, 0) / (18.8515625 - 18.6875 * e), 1 / 0.1593017578125)
  }

  /// BT.2390-10, 5.4.1, in the order of its equations, with black levels of 0.
  private static func eetf(_ light: Double, peak: Double) -> Double {
    let e1 = pq(light) / pq(peak)
    let maxLum = pq(203) / pq(peak)
    let ks = 1.5 * maxLum - 0.5
    guard e1 >= ks else { return light }
    let t = (e1 - ks) / (1 - ks)
    let p0 = (2 * pow(t, 3) - 3 * pow(t, 2) + 1) * ks
    let p1 = (pow(t, 3) - 2 * pow(t, 2) + t) * (1 - ks)
    let p2 = (-2 * pow(t, 3) + 3 * pow(t, 2)) * maxLum
    return Self.light((p0 + p1 + p2) * pq(peak))
  }

  private static func mapped(_ map: ToneMap, _ values: [Double]) -> [Int] {
    let input = values.map { UInt16(($0 * Double(ToneMap.top)).rounded()) }
    var output = [UInt8](repeating: 0, count: values.count)
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { map.map(input, to: $0) }
    }
    return output.map(Int.init)
  }

  @Test("greys of PQ follow BT.2390", arguments: [400.0, 1000, 4000, 10_000])
  func pqGreys(peak: Double) {
    let map = ToneMap(.pq, primaries: .bt2020, peak: peak)
    for light in [0, 0.1, 1, 10, 50, 100, 203, 300, 500, 1000, 2000, 5000] {
      let expected = 255 * pow(min(Self.eetf(min(light, peak), peak: peak) / 203, 1), 1 / 2.4)
      let code = Self.mapped(map, [Double](repeating: Self.pq(light), count: 3))
      for channel in code { #expect(abs(Double(channel) - expected) <= 1, "\(light) cd/m²") }
    }
    #expect(Self.mapped(map, [Self.pq(peak), Self.pq(peak), Self.pq(peak)]) == [255, 255, 255])
  }

  @Test("HLG at 75 % is the reference white of 203 cd/m²")
  func hlg() {
    let map = ToneMap(.hlg, primaries: .bt2020, peak: 1)
    let expected = 255 * pow(Self.eetf(203, peak: 1000) / 203, 1 / 2.4)
    for channel in Self.mapped(map, [0.75, 0.75, 0.75]) {
      #expect(abs(Double(channel) - expected) <= 1)
    }
    #expect(Self.mapped(map, [1, 1, 1, 0, 0, 0]) == [255, 255, 255, 0, 0, 0])
    // BT.2100, table 5: the OOTF multiplies all components by the same power of the luminance.
    let scene = [0.04, 0.02, 0.01]
    let gain = 1000 * pow(0.2627 * scene[0] + 0.678 * scene[1] + 0.0593 * scene[2], 0.2)
    let narrow = ToneMap(.hlg, primaries: .bt709, peak: 1000)
    for (code, light) in zip(Self.mapped(narrow, scene.map { (3 * $0).squareRoot() }), scene) {
      #expect(abs(Double(code) - 255 * pow(light * gain / 203, 1 / 2.4)) <= 1)
    }
  }

  @Test("colours keep their hue, and those of BT.709 come back")
  func colours() {
    // BT.709 primaries in light of BT.2020 (BT.2087, table 2), at 50 cd/m²: dark enough to stay as they are.
    let matrix = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    let map = ToneMap(.pq, primaries: .bt2020, peak: 1000)
    for color in [[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.8, 0.5, 0.4]] {
      let light = matrix.map { row in 50 * zip(row, color).map(*).reduce(0, +) }
      let expected = color.map { 255 * pow($0 * 50 / 203, 1 / 2.4) }
      for (code, value) in zip(Self.mapped(map, light.map(Self.pq)), expected) {
        // Where a channel is dark, the matrix's four digits are visible.
        #expect(abs(Double(code) - value) <= (value < 10 ? 6 : 1.5), "\(color)")
      }
    }
    // Twice as bright as the white: the ratio of the components remains.
    let bright = Self.mapped(
      ToneMap(.pq, primaries: .bt709, peak: 1000), [400, 200, 100].map(Self.pq))
    let linear = bright.map { pow(Double($0) / 255, 2.4) }
    #expect(abs(linear[0] / linear[1] - 2) < 0.05)
    #expect(abs(linear[1] / linear[2] - 2) < 0.05)
  }
}
