import Glibc

/// The outermost boxes of a file of the ISO base media family (ISO/IEC 14496-12, 4.2), for saying why it does not open.
///
/// The index (`moov`) often stands at the end: a download that broke off has none, and FFmpeg's word for that is only
/// "invalid data".
struct BoxOutline {
  private(set) var types: [String] = []
  /// The box that goes on behind the end of the file; nil when all are whole.
  private(set) var cutOff: String?

  /// - Parameter descriptor: of a regular file; its position is not changed.
  init(descriptor: CInt) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return }
    let end = UInt64(max(status.st_size, 0))
    var position: UInt64 = 0
    // A real file has a handful; a hostile one is not followed for long.
    while position < end, types.count < 1000 {
      guard let (type, size) = Self.header(descriptor, at: position) else {
        cutOff = types.last
        return
      }
      types.append(type)
      // Size 0: the box reaches to the end.
      guard size != 0 else { return }
      guard size >= 8, size <= end - position else {
        if size > end - position { cutOff = type }
        return
      }
      position += size
    }
  }

  /// What to tell of a file that breaks off in front of or within its index; nil when that is not its trouble.
  var whatIsCutOff: String? {
    guard let cutOff, !types.contains("moov") || cutOff == "moov" else { return nil }
    return "the file ends within its '\(cutOff)' box" + (cutOff == "moov" ? "" : " and has no index")
  }

  /// Type and size of the box at a place, the header counted in.
  private static func header(_ descriptor: CInt, at position: UInt64) -> (type: String, size: UInt64)? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, off_t(position))
    guard count >= 8 else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    // Of a type that is not text nothing is told.
    let type = bytes[4..<8].allSatisfy { (32..<127).contains($0) } ? String(decoding: bytes[4..<8], as: UTF8.self) : "?"
    let short = number(0..<4)
    guard short == 1 else { return (type, short) }
    return count == 16 ? (type, number(8..<16)) : nil
  }
}
