import Compute
import Testing

@Suite("Co-occurrence of neighbours")
struct CooccurrenceTests {
  static let settings = CooccurrenceSettings(
    centres: [-2, -0.5, 0, 0.5, 2],
    offsets: [
      Pair(height: 0, width: 1), Pair(height: 1, width: 0), Pair(height: 2, width: -3), Pair(height: 0, width: -2),
    ])

  @Test("agrees with the definition, pair by pair", arguments: [Pair(height: 5, width: 7), Pair(height: 3, width: 4)])
  func definition(_ size: Pair) {
    let x = Self.picture(size, channels: 3)
    let y = Self.shares(x, Self.settings)
    for channel in 0..<3 {
      for (index, offset) in Self.settings.offsets.enumerated() {
        let expected = Self.reference(x, channel: channel, offset)
        for (cell, share) in expected.enumerated() {
          let found = y[(channel * Self.settings.offsets.count + index) * expected.count + cell]
          #expect(abs(found - share) < 1e-5, "channel \(channel), offset \(offset), cell \(cell)")
        }
        #expect(abs(expected.reduce(0, +) - 1) < 1e-5)
      }
    }
  }

  @Test("a pair, turned round or with other signs, is in the same cell: 5 bins have 9, 9 bins have 25")
  func cells() {
    let cells = Self.settings.cells
    for i in 0..<5 {
      for j in 0..<5 {
        #expect(cells[i * 5 + j] == cells[j * 5 + i])
        #expect(cells[i * 5 + j] == cells[(4 - i) * 5 + 4 - j])
      }
    }
    #expect(Self.settings.cellCount == 9)
    #expect(CooccurrenceSettings(centres: (-4...4).map(Float.init), offsets: [Pair(1)]).cellCount == 25)
  }

  @Test("a negative has the same shares")
  func negative() {
    let x = Self.picture(Pair(height: 6, width: 5), channels: 2)
    let (y, negative) = (Self.shares(x, Self.settings), Self.shares(x.map { -$0 }, Self.settings))
    for (a, b) in zip(y.values, negative.values) { #expect(abs(a - b) < 1e-5) }
  }

  @Test(
    "bins and pairs that are none are seen",
    arguments: [
      CooccurrenceSettings(centres: [0], offsets: [Pair(1)]),
      CooccurrenceSettings(centres: [-1, 0, 2], offsets: [Pair(1)]),
      CooccurrenceSettings(centres: [-1, 1, 0], offsets: [Pair(1)]),
      CooccurrenceSettings(centres: [-1, 0, 1], offsets: []),
      CooccurrenceSettings(centres: [-1, 0, 1], offsets: [Pair(0)]),
      CooccurrenceSettings(centres: [-1, 0, 1], offsets: [Pair(height: -1, width: 0)]),
    ])
  func invalid(_ settings: CooccurrenceSettings) {
    #expect(!settings.isValid)
  }

  /// Values on both sides of every centre, and beyond the outermost ones.
  private static func picture(_ size: Pair, channels: Int) -> Tensor {
    var generator = SeededGenerator(seed: 3)
    return .uniform([size.height, size.width, channels], in: -3..<3, using: &generator)
  }

  private static func shares(_ x: Tensor, _ settings: CooccurrenceSettings) -> Tensor {
    let kernel = Cooccurrence(settings, height: x.shape[0], width: x.shape[1], channels: x.shape[2])
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: kernel.scratchBytes, alignment: 64)
    defer { scratch.deallocate() }
    var y = [Float](repeating: .nan, count: kernel.resultCount)
    x.values.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        kernel.forward(x: x, y: y, scratch: scratch)
      }
    }
    return Tensor([kernel.resultCount], y)
  }

  /// How much a value belongs to a bin.
  private static func membership(_ value: Float, _ bin: Int) -> Float {
    let centres = settings.centres
    let limited = min(max(value, centres[0]), centres[centres.count - 1])
    if limited == centres[bin] { return 1 }
    let other = limited < centres[bin] ? bin - 1 : bin + 1
    guard centres.indices.contains(other) else { return 0 }
    return max(0, 1 - (limited - centres[bin]) / (centres[other] - centres[bin]))
  }

  private static func reference(_ x: Tensor, channel: Int, _ offset: Pair) -> [Float] {
    let (height, width, channels, bins) = (x.shape[0], x.shape[1], x.shape[2], settings.centres.count)
    var shares = [Float](repeating: 0, count: settings.cellCount)
    var pairs: Float = 0
    for row in 0..<height {
      for column in 0..<width {
        let (otherRow, otherColumn) = (row + offset.height, column + offset.width)
        guard (0..<height).contains(otherRow), (0..<width).contains(otherColumn) else { continue }
        pairs += 1
        let a = x[(row * width + column) * channels + channel]
        let b = x[(otherRow * width + otherColumn) * channels + channel]
        for i in 0..<bins {
          for j in 0..<bins { shares[settings.cells[i * bins + j]] += membership(a, i) * membership(b, j) }
        }
      }
    }
    return shares.map { $0 / pairs }
  }
}
