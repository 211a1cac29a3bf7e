/// Tells which pictures of MJPEG can be decoded alone (ITU-T T.81, B.2): tables that a picture does not define are those
/// of the pictures before it.
struct JPEGTables {
  /// Whether a picture so far defined Huffman tables; without any, they are the usual ones.
  private var hasHuffman = false

  /// Whether a picture defines all tables that it uses. Pictures of several scans do not count.
  mutating func isComplete(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var (quantisers, huffman): (Set<UInt8>, Set<UInt8>) = ([], [])
    var used: [UInt8]?
    var position = 0
    while position + 4 <= bytes.count {
      let marker = bytes[position + 1]
      guard bytes[position] == 0xFF, marker != 0xFF, marker != 0xD8 else {
        position += bytes[position] == 0xFF && marker == 0xD8 ? 2 : 1
        continue
      }
      let end = position + 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
      let segment = bytes[min(position + 4, bytes.count)..<max(min(position + 4, bytes.count), min(end, bytes.count))]
      switch marker {
      case 0xDB: Self.readQuantisers(segment, into: &quantisers)
      case 0xC4:
        hasHuffman = true
        Self.readHuffman(segment, into: &huffman)
      case 0xC0, 0xC1:
        // Components have three bytes each behind precision, height, width and their number.
        used =
          segment.count < 6
          ? nil : stride(from: segment.startIndex + 8, to: segment.endIndex, by: 3).map { segment[$0] }
      case 0xC2...0xCF where marker != 0xC8 && marker != 0xCC: return false
      case 0xDA:
        guard let used, let count = segment.first, Int(count) == used.count, segment.count >= 1 + 2 * used.count else {
          return false
        }
        let tables = used.indices.map { segment[segment.startIndex + 2 + 2 * $0] }
        let codes = Set(tables.flatMap { [$0 >> 4, 0x10 | $0 & 0x0F] })
        return quantisers.isSuperset(of: used) && (!hasHuffman || huffman.isSuperset(of: codes))
      default: break
      }
      position = end
    }
    return false
  }

  private static func readQuantisers(_ segment: Slice<UnsafeBufferPointer<UInt8>>, into tables: inout Set<UInt8>) {
    var position = segment.startIndex
    while position < segment.endIndex {
      tables.insert(segment[position] & 0x0F)
      position += 1 + (segment[position] >> 4 == 0 ? 64 : 128)
    }
  }

  /// Classes and numbers of tables, in one byte.
  private static func readHuffman(_ segment: Slice<UnsafeBufferPointer<UInt8>>, into tables: inout Set<UInt8>) {
    var position = segment.startIndex
    while position + 17 <= segment.endIndex {
      tables.insert(segment[position])
      position += 17 + segment[(position + 1)..<(position + 17)].reduce(0) { $0 + Int($1) }
    }
  }
}
