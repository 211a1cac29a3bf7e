import Testing

@testable import Imaging

@Suite("CropTransform")
struct CropTransformTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var square: Box
    var size: Int
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "reduced", square: Box(x: 3, y: 2, width: 23, height: 23), size: 9),
    Case(name: "enlarged", square: Box(x: 5.4, y: 6.7, width: 8.2, height: 8.2), size: 19),
    Case(name: "as it is", square: Box(x: 4, y: 5, width: 16, height: 16), size: 16),
    Case(name: "over the left top corner", square: Box(x: -6.2, y: -3, width: 20, height: 20), size: 12),
    Case(name: "over the right bottom corner", square: Box(x: 30, y: 20, width: 25, height: 25), size: 12),
    Case(name: "larger than the picture", square: Box(x: -10, y: -12, width: 70, height: 70), size: 16),
  ]
  private let picture = Frame.pattern(width: 41, height: 33)

  private func transform(_ c: Case) -> CropTransform {
    CropTransform(square: c.square, width: picture.width, height: picture.height, size: c.size)
  }

  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 33)) / Float(Int32.max)
    }
  }

  @Test("gives the crop of a scan, to the bit with rounding and within a level without", arguments: cases)
  func sameCrop(_ c: Case) throws {
    let map = transform(c)
    let part = picture.pixels(of: map.part)
    #expect(part.width == map.width && part.height == map.height)
    let expected = try picture.crop(square: c.square, size: c.size)
    #expect(map.crop(part) == expected)
    let smooth = map.apply(part.pixels.map(Float.init))
    // Rounded after each of two passes: half a level each.
    #expect(zip(smooth, expected.pixels).allSatisfy { abs($0 - Float($1)) < 1.01 })
  }

  @Test("its transpose is one: ⟨Ax, y⟩ = ⟨x, Aᵀy⟩", arguments: cases)
  func transpose(_ c: Case) {
    let map = transform(c)
    let x = noise(map.width * map.height * 3, seed: 1)
    let y = noise(c.size * c.size * 3, seed: 2)
    func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    let (forwards, backwards) = (dot(map.apply(x), y), dot(x, map.applyTransposed(y)))
    #expect(abs(forwards - backwards) < 1e-4 * (abs(forwards) + 1))
    #expect(abs(forwards) > 1e-3, "the probe says nothing")
  }

  @Test("a change of grey is luma alone, and a sample of colour is the mean of its pixels")
  func colorDifference() {
    let matrix = ColorDifference.Matrix(red: 0.299, blue: 0.114, isFullRange: true)
    let dark = Frame(width: 3, height: 2, pixels: [UInt8](repeating: 100, count: 18))
    let light = Frame(width: 3, height: 2, pixels: [UInt8](repeating: 107, count: 18))
    let grey = ColorDifference(from: dark, to: light, matrix: matrix)
    #expect(grey.luma.allSatisfy { abs($0 - 7) < 1e-4 })
    #expect(grey.blue.allSatisfy { abs($0) < 1e-4 } && grey.red.allSatisfy { abs($0) < 1e-4 })

    var bluer = dark
    bluer.pixels[2] += 10
    let change = ColorDifference(from: dark, to: bluer, matrix: matrix)
    #expect(abs(change.luma[0] - 1.14) < 1e-4 && abs(change.blue[0] - 5) < 1e-4)
    // At (1, 1) the first pixel has a sample of colour that it shares with three unchanged ones.
    let samples = change.samples(change.blue, x: 1, y: 1, across: 2, down: 2)
    #expect(samples.column == 0 && samples.row == 0 && samples.width == 2)
    #expect(abs(samples.values[0] - 1.25) < 1e-4 && samples.values.dropFirst().allSatisfy { $0 == 0 })
  }
}
