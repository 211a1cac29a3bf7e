import CFFmpeg
import Glibc

/// Whether a file ends where its container says that it may, for containers of which FFmpeg does not tell: they declare
/// no duration, or FFmpeg takes the end of what is there for it.
struct FileEnding {
  private let descriptor: CInt
  private let size: Int
  /// Larger than the largest page of Ogg (65 307 bytes) and the largest packet of a program stream (65 541).
  private static let tailBytes = 80_000

  /// - Parameter descriptor: of a regular file; its position is not changed.
  init(descriptor: CInt) {
    var status = stat()
    self.descriptor = descriptor
    size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// - Parameters:
  ///   - format: FFmpeg's name of the demuxer.
  ///   - context: with the file opened.
  /// - Returns: false where the container has no sign for it, too.
  func isMissing(format: String, _ context: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    switch format {
    case "mpegts": endsWithinPacket(context)
    case "mpeg": endsWithinProgramPacket
    case "asf", "asf_o": isShorterThanHeader
    case "ogg": lacksLastPage
    default: false
    }
  }

  /// Transport streams consist of packets of equal length (ISO/IEC 13818-1, 2.4.3).
  private func endsWithinPacket(_ context: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    var length: Int64 = 0
    let code = av_opt_get_int(context, "ts_packetsize", AV_OPT_SEARCH_CHILDREN, &length)
    return code >= 0 && length > 0 && size % Int(length) != 0
  }

  /// The last packet of a program stream tells its length (ISO/IEC 13818-1, 2.4.3.6). No start code from 0xBD on
  /// appears within video.
  private var endsWithinProgramPacket: Bool {
    let tail = bytes(at: max(0, size - Self.tailBytes), count: Self.tailBytes)
    guard tail.count >= 6 else { return false }
    for place in stride(from: tail.count - 6, through: 0, by: -1)
    where tail[place] == 0 && tail[place + 1] == 0 && tail[place + 2] == 1 && tail[place + 3] >= 0xBD {
      let length = Int(tail[place + 4]) << 8 | Int(tail[place + 5])
      return place + 6 + length > tail.count
    }
    return false
  }

  /// The file properties of ASF (specification 01.20.05, 3.2) tell the file's size, and whether it was never known.
  private var isShorterThanHeader: Bool {
    let identifier: [UInt8] = [
      0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11, 0x8E, 0xE4, 0x00, 0xC0, 0x0C, 0x20, 0x53, 0x65,
    ]
    let head = bytes(at: 0, count: 1 << 16)
    guard let place = (0..<max(0, head.count - 92)).first(where: { head[$0...].starts(with: identifier) }) else {
      return false
    }
    let declared = head[(place + 40)..<(place + 48)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let isBroadcast = head[place + 88] & 1 != 0
    return !isBroadcast && declared > UInt64(size)
  }

  /// The last page of an Ogg stream is marked (RFC 3533, 6).
  private var lacksLastPage: Bool {
    let tail = bytes(at: max(0, size - Self.tailBytes), count: Self.tailBytes)
    let mark = Array("OggS".utf8)
    guard let place = tail.indices.dropLast(27).last(where: { tail[$0...].starts(with: mark) }) else { return true }
    let segments = tail[(place + 27)...].prefix(Int(tail[place + 26]))
    let isWhole = place + 27 + segments.count + segments.reduce(0) { $0 + Int($1) } <= tail.count
    return tail[place + 5] & 4 == 0 || !isWhole
  }

  private func bytes(at position: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, position))
    }
  }
}

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
    // A type that is not ASCII text is reported as unknown.
    let type = bytes[4..<8].allSatisfy { (32..<127).contains($0) } ? String(decoding: bytes[4..<8], as: UTF8.self) : "?"
    let short = number(0..<4)
    guard short == 1 else { return (type, short) }
    return count == 16 ? (type, number(8..<16)) : nil
  }
}
