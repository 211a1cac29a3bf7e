import Compute
import Imaging
import Testing

@testable import Datasets

@Suite("Augmentations")
struct AugmentationTests {
  /// All of them at one strength.
  private static func all(_ strength: Double) -> [any Augmentation] {
    AugmentationChain.standard(strength: strength).steps.map(\.augmentation)
  }

  private static let names = all(1).map { type(of: $0).name }

  /// A picture with edges, gradients and texture; its sides differ and are no multiples of 8.
  static func picture(width: Int = 61, height: Int = 45) -> Frame {
    var generator = SeededGenerator(seed: 3)
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        let base = (x / 7 + y / 5) % 2 * 70 + x + y
        for channel in 0..<3 {
          pixels.append(UInt8(truncatingIfNeeded: base + 15 * channel + Int(generator.next() % 9)))
        }
      }
    }
    return Frame(width: width, height: height, pixels: pixels)
  }

  private static func change(_ index: Int, strength: Double, seed: UInt64) -> Frame {
    var generator = SeededGenerator(seed: seed)
    return all(strength)[index].apply(to: picture(), using: &generator)
  }

  /// Mean absolute difference of two frames of one size.
  private static func distance(_ a: Frame, _ b: Frame) -> Double {
    Double(zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / Double(a.pixels.count)
  }

  @Test("names are unique")
  func uniqueNames() {
    #expect(Set(Self.names).count == Self.names.count)
  }

  @Test("strength 0 changes nothing", arguments: Self.names.indices)
  func identity(_ index: Int) {
    for seed in 0..<20 { #expect(Self.change(index, strength: 0, seed: UInt64(seed)) == Self.picture()) }
  }

  @Test(
    "the size is kept, some seed changes the picture, and the same seed gives the same result",
    arguments: Self.names.indices)
  func seeded(_ index: Int) {
    let frames = (0..<10).map { Self.change(index, strength: 1, seed: $0) }
    #expect(frames.allSatisfy { $0.width == 61 && $0.height == 45 })
    #expect(frames == (0..<10).map { Self.change(index, strength: 1, seed: $0) })
    #expect(Set(frames).count > 1)
  }

  @Test("a window rotated by 90° moves every pixel correctly, and 0° is the plain window")
  func turnedWindow() {
    let frame = Self.picture(width: 40, height: 40)
    let window = Box(x: 0, y: 0, width: 40, height: 40)
    let turned = frame.sampled(window, radians: .pi / 2)
    for (x, y) in [(0, 0), (39, 0), (7, 31), (20, 19)] {
      // A row of the window runs downwards in the frame.
      let (fromX, fromY) = (39 - y, x)
      for channel in 0..<3 {
        let got = Int(turned.pixels[(y * 40 + x) * 3 + channel])
        #expect(abs(got - Int(frame.pixels[(fromY * 40 + fromX) * 3 + channel])) <= 1)
      }
    }
    let shifted = Box(x: 3.25, y: -2.5, width: 33, height: 37)
    let difference = Self.distance(frame.sampled(shifted, radians: 0), frame.sampled(shifted))
    #expect(difference < 0.6)
  }

  @Test("more strength, more change", arguments: Self.names.indices)
  func strength(_ index: Int) {
    func change(_ strength: Double) -> Double {
      (0..<30).reduce(0) { $0 + Self.distance(Self.change(index, strength: strength, seed: $1), Self.picture()) }
    }
    #expect(change(0.2) < change(1))
  }

  @Test(
    "a flat picture stays flat where only the geometry, the sharpness or the compression changes",
    arguments: [
      FramingJitter.name, GaussianBlur.name, LowResolution.name, HorizontalFlip.name, JPEGCompression.name,
    ])
  func flat(_ name: String) throws {
    let augmentation = try #require(Self.all(1).first { type(of: $0).name == name })
    for value in [0, 1, 127, 254, 255] as [UInt8] {
      let flat = Frame(width: 24, height: 24, pixels: [UInt8](repeating: value, count: 24 * 24 * 3))
      for seed in 0..<10 {
        var generator = SeededGenerator(seed: UInt64(seed))
        let changed = augmentation.apply(to: flat, using: &generator)
        // A coarse step of JPEG's mean value is up to 6 grey values off.
        let allowed = name == JPEGCompression.name ? 6 : 0
        #expect(changed.pixels.allSatisfy { abs(Int($0) - Int(value)) <= allowed })
      }
    }
  }

  @Test("an unshifted window is the identity, a shifted one shows the shifted content")
  func window() {
    let frame = Self.picture()
    #expect(frame.sampled(frame.bounds) == frame)
    let shifted = frame.sampled(Box(x: 3, y: -2, width: 61, height: 45))
    for (x, y) in [(0, 5), (40, 44), (57, 10)] {
      let here = (y * 61 + x) * 3
      let there = ((y - 2) * 61 + min(x + 3, 60)) * 3
      #expect(shifted.pixels[here] == frame.pixels[there])
    }
    #expect(shifted.pixels[0] == frame.pixels[9])
  }

  @Test("a blur has the requested standard deviation", arguments: [0.5, 1, 2])
  func blur(_ sigma: Double) {
    var frame = Frame(width: 31, height: 31, pixels: [UInt8](repeating: 0, count: 31 * 31 * 3))
    for x in 0..<31 { for c in 0..<3 { frame.pixels[(x * 31 + 15) * 3 + c] = 255 } }
    let row = BlurKernel(sigma: sigma).apply(to: frame).pixels[(15 * 31 * 3)..<(16 * 31 * 3)]
    let values = stride(from: row.startIndex, to: row.endIndex, by: 3).map { Double(row[$0]) }
    let sum = values.reduce(0, +)
    let variance = values.enumerated().reduce(0) { $0 + $1.element * Double(($1.offset - 15) * ($1.offset - 15)) } / sum
    #expect(abs(sum - 255) < 8)
    #expect(abs(variance.squareRoot() - sigma) < 0.1)
  }

  @Test("noise has no bias and the standard deviation of its strength")
  func noise() {
    let flat = Frame(width: 64, height: 64, pixels: [UInt8](repeating: 128, count: 64 * 64 * 3))
    for seed in 0..<8 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let changes = SensorNoise().apply(to: flat, using: &generator).pixels.map { Double($0) - 128 }
      let mean = changes.reduce(0, +) / Double(changes.count)
      let deviation = (changes.reduce(0) { $0 + $1 * $1 } / Double(changes.count)).squareRoot()
      #expect(abs(mean) < 0.3)
      #expect((0.9...9.3).contains(deviation))
    }
  }

  @Test("cut-out covers at most 35 % of a side with one colour")
  func cutOut() {
    let frame = Self.picture()
    for seed in 0..<20 {
      let cut = Self.change(Self.names.firstIndex(of: CutOut.name) ?? 0, strength: 1, seed: UInt64(seed))
      let changed = (0..<(61 * 45)).filter { cut.pixels[$0 * 3] != frame.pixels[$0 * 3] }
      #expect(changed.count <= Int(61 * 0.35) * Int(45 * 0.35))
      #expect(Set(changed.map { cut.pixels[$0 * 3] }).count <= 1)
    }
  }
}
