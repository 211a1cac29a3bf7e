import Compute
import Foundation
import Testing

@Suite("Co-occurrence of neighbours")
struct CooccurrenceTests {
  static let settings = runs(of: 2)

  static func runs(of length: Int) -> CooccurrenceSettings {
    CooccurrenceSettings(
      centres: [-2, -0.5, 0, 0.5, 2],
      offsets: [
        Pair(height: 0, width: 1), Pair(height: 1, width: 0), Pair(height: 2, width: -3), Pair(height: 0, width: -2),
      ], length: length)
  }

  @Test(
    "agrees with the definition, run by run",
    arguments: [
      (2, Pair(height: 5, width: 7)), (2, Pair(height: 3, width: 4)), (3, Pair(height: 5, width: 8)),
      (4, Pair(height: 7, width: 11)),
    ])
  func definition(_ length: Int, _ size: Pair) {
    let x = Self.picture(size, channels: 3)
    let settings = Self.runs(of: length)
    let y = Self.shares(x, settings)
    for channel in 0..<3 {
      for (index, offset) in settings.offsets.enumerated() {
        let expected = Self.reference(x, channel: channel, offset, settings)
        for (cell, share) in expected.enumerated() {
          let found = y[(channel * settings.offsets.count + index) * expected.count + cell]
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

  @Test("runs of three and four share cells in the same way: 5 bins have 39 and 169", arguments: [(3, 39), (4, 169)])
  func longerCells(_ length: Int, _ count: Int) {
    let settings = Self.runs(of: length)
    let cells = settings.cells
    #expect(settings.cellCount == count)
    // 0, 1, 2, … and the same with the first two or all elements the other way round.
    let places = (0..<length).map { 5 - length + $0 }
    let place = places.reduce(0) { $0 * 5 + $1 }
    #expect(cells[place] == cells[places.reversed().reduce(0) { $0 * 5 + $1 }])
    #expect(cells[place] == cells[places.reduce(0) { $0 * 5 + 4 - $1 }])
    #expect(cells[place] != cells[([places[1], places[0]] + places.dropFirst(2)).reduce(0) { $0 * 5 + $1 }])
  }

  @Test("a file that names no length counts pairs")
  func oldFile() throws {
    let json = #"{"centres": [-1, 0, 1], "offsets": [{"height": 0, "width": 1}]}"#
    let settings = try JSONDecoder().decode(CooccurrenceSettings.self, from: Data(json.utf8))
    #expect(settings == CooccurrenceSettings(centres: [-1, 0, 1], offsets: [Pair(height: 0, width: 1)], length: 2))
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
      CooccurrenceSettings(centres: [-1, 0, 1], offsets: [Pair(1)], length: 1),
      CooccurrenceSettings(centres: [-1, 0, 1], offsets: [Pair(1)], length: 5),
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

  private static func reference(
    _ x: Tensor, channel: Int, _ offset: Pair, _ settings: CooccurrenceSettings
  ) -> [Float] {
    let (height, width, channels, bins) = (x.shape[0], x.shape[1], x.shape[2], settings.centres.count)
    var shares = [Float](repeating: 0, count: settings.cellCount)
    let cells = settings.cells
    var runs: Float = 0
    for row in 0..<height {
      for column in 0..<width {
        let elements = (0..<settings.length).map { (row + $0 * offset.height, column + $0 * offset.width) }
        guard elements.allSatisfy({ (0..<height).contains($0.0) && (0..<width).contains($0.1) }) else { continue }
        runs += 1
        let values = elements.map { x[($0.0 * width + $0.1) * channels + channel] }
        for place in cells.indices {
          var (rest, share) = (place, Float(1))
          for value in values.reversed() {
            share *= membership(value, rest % bins)
            rest /= bins
          }
          shares[cells[place]] += share
        }
      }
    }
    return shares.map { $0 / runs }
  }
}
