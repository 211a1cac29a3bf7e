import Compute
import Testing

@Suite("Tensors")
struct TensorTests {
  @Test("a copy keeps its values when the original changes")
  func valueSemantics() {
    var a = Tensor([2, 2], [1, 2, 3, 4])
    let b = a
    a[0] = 9
    a.withMutableFloats { $0[3] = 7 }
    #expect(a.values == [9, 2, 3, 7])
    #expect(b.values == [1, 2, 3, 4])
  }

  @Test("a reshaped tensor shares values, not changes")
  func reshaped() {
    let a = Tensor([2, 3], [1, 2, 3, 4, 5, 6])
    var b = a.reshaped([3, 2])
    b[0] = 0
    #expect(b.shape == [3, 2])
    #expect(a[0] == 1)
  }

  @Test("storage starts on a cache line", arguments: [1, 3, 1000])
  func alignment(_ count: Int) {
    let address = Tensor([count]).withFloats { UInt(bitPattern: $0.baseAddress) }
    #expect(address % 64 == 0)
  }

  @Test("rows are entries of the first axis")
  func rows() {
    let a = Tensor([3, 2], [1, 2, 3, 4, 5, 6])
    #expect(a.rows(1..<3) == Tensor([2, 2], [3, 4, 5, 6]))
    #expect(a.rows(0..<0).count == 0)
  }

  @Test("arithmetic")
  func arithmetic() {
    var a = Tensor([3], [1, -2, 3])
    a.add(Tensor([3], [1, 1, 1]), times: 2)
    a.scale(by: 0.5)
    #expect(a.values == [1.5, 0, 2.5])
    #expect(a.dot(Tensor([3], [2, 5, 2])) == 8)
    #expect(a.map(-).values == [-1.5, 0, -2.5])
    #expect(a.zip(a, *).values == [2.25, 0, 6.25])
  }

  @Test("infinities and NaN are seen", arguments: [Float.nan, .infinity, -.infinity])
  func finite(_ value: Float) {
    var a = Tensor([100], repeating: .greatestFiniteMagnitude)
    #expect(a.isFinite)
    a[63] = value
    #expect(!a.isFinite)
  }

  @Test("both channel orders and back", arguments: [1, 3, 33])
  func channelOrder(_ channels: Int) {
    let x = (0..<(2 * channels * 35)).map(Float.init)
    var last = x
    var first = x
    ChannelOrder.toChannelsLast(x, into: &last, batch: 2, channels: channels, area: 35)
    ChannelOrder.toChannelsFirst(last, into: &first, batch: 2, channels: channels, area: 35)
    #expect(first == x)
    #expect(last[1] == (channels == 1 ? 1 : 35))
  }
}

@Suite("Seeded generator")
struct SeededGeneratorTests {
  /// Made by `Tests/Golden/seeded_generator.py`.
  @Test("the numbers are those of xoshiro256** behind SplitMix64")
  func golden() {
    var generator = SeededGenerator(seed: 42)
    let numbers = (0..<4).map { _ in generator.next() }
    #expect(
      numbers == [
        1_546_998_764_402_558_742, 6_990_951_692_964_543_102, 12_544_586_762_248_559_009, 17_057_574_109_182_124_193,
      ])
  }

  @Test("paths give independent, reproducible numbers")
  func paths() {
    var a = SeededGenerator(seed: 1, path: [2, 3])
    var same = SeededGenerator(seed: 1, path: [2, 3])
    var swapped = SeededGenerator(seed: 1, path: [3, 2])
    let first = a.next()
    #expect(first == same.next())
    #expect(first != swapped.next())
  }

  @Test("normal deviates have mean 0, deviation 1 and the right tails")
  func normal() {
    var generator = SeededGenerator(seed: 5)
    let values = (0..<100_000).map { _ in Double(generator.normal()) }
    let mean = values.reduce(0, +) / 1e5
    let variance = values.reduce(0) { $0 + $1 * $1 } / 1e5
    let beyondTwo = Double(values.count { abs($0) > 2 }) / 1e5
    #expect(abs(mean) < 0.01)
    #expect(abs(variance - 1) < 0.02)
    #expect(abs(beyondTwo - 0.0455) < 0.003)
  }

  @Test("uniform deviates fill 0..<1")
  func uniform() {
    var generator = SeededGenerator(seed: 5)
    let values = (0..<10_000).map { _ in generator.uniform() }
    #expect(values.allSatisfy { (0..<1).contains($0) })
    #expect(abs(values.reduce(0, +) / 1e4 - 0.5) < 0.01)
  }
}
