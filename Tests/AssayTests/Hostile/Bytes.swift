import Foundation
import TestSupport

/// Files as bytes that can be broken in certain places.
struct Bytes {
  enum Failure: Error { case missing(String) }

  var data: [UInt8]

  init(_ data: [UInt8]) {
    self.data = data
  }

  init(contentsOf path: String) throws {
    data = Array(try Data(contentsOf: URL(filePath: path)))
  }

  init(_ text: String) {
    data = Array(text.utf8)
  }

  var count: Int { data.count }

  /// Where a name of four letters, or another text, first stands.
  func place(of text: String, after start: Int = 0) throws -> Int {
    let wanted = Array(text.utf8)
    for place in start...(max(start, data.count - wanted.count)) where data[place...].starts(with: wanted) {
      return place
    }
    throw Failure.missing(text)
  }

  /// Writes a big-endian number, `offset` bytes behind the beginning of a name, which may stand behind another one.
  mutating func put(
    _ value: some FixedWidthInteger, behind name: String, offset: Int, after other: String? = nil
  ) throws {
    let place = try self.place(of: name, after: other.map { try self.place(of: $0) } ?? 0) + offset
    let bytes = withUnsafeBytes(of: value.bigEndian) { Array($0) }
    data.replaceSubrange(place..<place + bytes.count, with: bytes)
  }

  /// The content of the first box of that name, its header left out.
  func content(of box: String) throws -> Range<Int> {
    let name = try place(of: box)
    let size = data[(name - 4)..<name].reduce(0) { $0 << 8 | Int($1) }
    return (name + 4)..<(name - 4 + size)
  }

  /// A box of ISO/IEC 14496-12 around the bytes.
  func boxed(_ name: String) -> Bytes {
    let size = UInt32(count + 8)
    return Bytes(withUnsafeBytes(of: size.bigEndian) { Array($0) } + Array(name.utf8) + data)
  }

  func cut(_ fraction: Double) -> Bytes { Bytes(Array(data.prefix(Int(Double(count) * fraction)))) }

  /// One bit in every so many bytes turned, behind the first ones.
  func noisy(every step: Int, behind start: Int, seed: UInt64 = 1) -> Bytes {
    var noisy = self
    var chance = Chance(seed: seed)
    for place in stride(from: start, to: count, by: step) {
      let target = min(count - 1, place + Int(chance.next() % UInt64(step)))
      noisy.data[target] ^= 1 << UInt8(chance.next() % 8)
    }
    return noisy
  }

  /// Random bytes in a range.
  func random(in range: Range<Int>) -> Bytes {
    var random = self
    var chance = Chance(seed: 2)
    for place in range { random.data[place] = UInt8(truncatingIfNeeded: chance.next() >> 24) }
    return random
  }

  func write(to path: String) throws {
    try Data(data).write(to: URL(filePath: path))
  }
}

/// Knuth's 64-bit linear congruential generator: the same bytes in every run.
struct Chance {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 16
  }
}
