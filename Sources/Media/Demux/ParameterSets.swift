/// Follows the parameter sets of a stream of H.264 or HEVC, to tell where decoding may start.
///
/// A decoder knows the sets of the stream's header. Once packets have brought others, pictures may need those: decoding
/// may start only where all that differ are repeated.
struct ParameterSets {
  private struct Key: Hashable {
    var type: UInt8
    var number: Int
  }

  /// Bytes of a set that are compared; real ones have a few hundred.
  private static let mostBytes = 4096

  private let isHEVC: Bool
  private var known: [Key: [UInt8]] = [:]
  /// Sets that are not those of the header.
  private var changed: Set<Key> = []
  private var ofPacket: Set<Key> = []

  /// - Parameter configuration: `avcC` or `hvcC` of ISO/IEC 14496-15, or sets behind start codes.
  init(configuration: UnsafeBufferPointer<UInt8>, isHEVC: Bool) {
    self.isHEVC = isHEVC
    if configuration.count > 6, configuration[0] == 1 {
      isHEVC ? readHEVCRecord(configuration) : readAVCRecord(configuration)
    } else {
      var units = NALUnits(configuration, lengthBytes: 0)
      while let unit = units.next() { read(units.bytes(of: unit, atMost: Self.mostBytes, toEnd: true)) }
    }
    changed = []
  }

  /// Whether the packet has all sets that differ from those of the header.
  var isComplete: Bool { changed.isSubset(of: ofPacket) }

  mutating func beginPacket() { ofPacket = [] }

  /// Takes in a unit of the packet; others than parameter sets change nothing.
  mutating func read(_ unit: NALUnits.Unit, of units: NALUnits) {
    guard isSet(unit.header) else { return }
    read(units.bytes(of: unit, atMost: Self.mostBytes, toEnd: true))
  }

  private func type(_ header: UInt8) -> UInt8 { isHEVC ? header >> 1 & 0x3F : header & 0x1F }

  /// Sequences and pictures of H.264, 7.3.2; those and video of H.265, 7.3.2.
  private func isSet(_ header: UInt8) -> Bool { (isHEVC ? 32...34 : 7...8).contains(type(header)) }

  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let header = bytes.first, isSet(header) else { return }
    let key = Key(type: type(header), number: number(of: bytes))
    let content = Array(bytes)
    ofPacket.insert(key)
    if known[key] != content {
      known[key] = content
      changed.insert(key)
    }
  }

  /// The number by which other units refer to a set.
  private func number(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var bits = NALBits(bytes)
    switch type(bytes[0]) {
    case 7: _ = bits.bits(24)
    case 32:
      _ = bits.bits(8)
      return bits.bits(4)
    case 33: Self.skipToNumberOfSequence(&bits)
    case 34: _ = bits.bits(8)
    default: break
    }
    return bits.exponential()
  }

  /// H.265, 7.3.2.2 and 7.3.3: what the profile and the level of each sub-layer take.
  private static func skipToNumberOfSequence(_ bits: inout NALBits) {
    _ = bits.bits(12)
    let layers = bits.bits(3)
    _ = bits.bits(1)
    for _ in 0..<12 { _ = bits.bits(8) }
    let present = (0..<layers).map { _ in (profile: bits.bits(1), level: bits.bits(1)) }
    if layers > 0 { for _ in layers..<8 { _ = bits.bits(2) } }
    for layer in present { for _ in 0..<(11 * layer.profile + layer.level) { _ = bits.bits(8) } }
  }

  private mutating func readAVCRecord(_ record: UnsafeBufferPointer<UInt8>) {
    // Numbers of sequence and picture parameter sets, in five and eight bits.
    var position = 5
    for mask: UInt8 in [0x1F, 0xFF] {
      guard position < record.count else { return }
      let count = Int(record[position] & mask)
      position += 1
      readSets(count, of: record, at: &position)
    }
  }

  private mutating func readHEVCRecord(_ record: UnsafeBufferPointer<UInt8>) {
    guard record.count > 22 else { return }
    var position = 23
    for _ in 0..<record[22] {
      guard position + 3 <= record.count else { return }
      let count = Int(record[position + 1]) << 8 | Int(record[position + 2])
      position += 3
      readSets(count, of: record, at: &position)
    }
  }

  private mutating func readSets(_ count: Int, of record: UnsafeBufferPointer<UInt8>, at position: inout Int) {
    for _ in 0..<count {
      guard position + 2 < record.count else { return }
      let end = position + 2 + (Int(record[position]) << 8 | Int(record[position + 1]))
      read(UnsafeBufferPointer(rebasing: record[(position + 2)..<min(end, record.count)]))
      position = end
    }
  }
}
