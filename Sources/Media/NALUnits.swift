/// Walks over the units of a packet: NAL units of H.264 and HEVC, or what start codes separate in MPEG-1, 2 and 4.
struct NALUnits {
  struct Unit {
    /// First bytes of the unit; those beyond its end are 0.
    var header: UInt8
    var second: UInt8
    var third: UInt8
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  /// Bytes of the length before each unit; 0 when start codes separate them.
  private let lengthBytes: Int
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, lengthBytes: Int) {
    self.bytes = bytes
    self.lengthBytes = lengthBytes
  }

  mutating func next() -> Unit? {
    lengthBytes > 0 ? nextAfterLength() : nextAfterStartCode()
  }

  private mutating func nextAfterLength() -> Unit? {
    let start = position + lengthBytes
    guard start < bytes.count else { return nil }
    position = start + bytes[position..<start].reduce(0) { $0 << 8 | Int($1) }
    return unit(at: start)
  }

  private mutating func nextAfterStartCode() -> Unit? {
    var zeros = 0
    while position < bytes.count - 1 {
      let byte = bytes[position]
      position += 1
      if byte == 1, zeros >= 2 { return unit(at: position) }
      zeros = byte == 0 ? zeros + 1 : 0
    }
    return nil
  }

  private func unit(at start: Int) -> Unit {
    func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
    return Unit(header: byte(start), second: byte(start + 1), third: byte(start + 2))
  }
}
