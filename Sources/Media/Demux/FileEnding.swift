import CFFmpeg
import Glibc

/// Whether a file ends where its container says that it does, by signs in the file itself.
struct FileEnding {
  enum State {
    /// It goes on behind the end of the file.
    case cut
    /// It ends where it should.
    case whole
    /// The container has no sign for it.
    case unknown
  }

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
  func state(format: String, _ context: UnsafeMutablePointer<AVFormatContext>) -> State {
    switch format {
    case "mpegts": endsWithinPacket(context) ? .cut : .unknown
    case "mpeg": endsWithinProgramPacket ? .cut : .unknown
    case "asf", "asf_o": headerState
    case "ogg": lacksLastPage ? .cut : .whole
    case "avi": riffState
    case let name where name.hasPrefix("mov,"): BoxOutline(descriptor: descriptor).state
    case let name where name.hasPrefix("matroska,"): segmentState
    default: .unknown
    }
  }

  /// Transport streams consist of packets of equal length (ISO/IEC 13818-1, 2.4.3), which begin with a byte of their
  /// own, behind a time in some files.
  private func endsWithinPacket(_ context: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    var packetBytes: Int64 = 0
    let code = av_opt_get_int(context, "ts_packetsize", AV_OPT_SEARCH_CHILDREN, &packetBytes)
    let length = Int(packetBytes)
    guard code >= 0, (188...256).contains(length) else { return false }
    let tail = bytes(at: max(0, size - 20 * length), count: 20 * length)
    // Counted from the end, because the data before the first packet may be incomplete.
    func isSynchronised(_ start: Int) -> Bool {
      let places = stride(from: start, to: tail.count, by: length)
      return places.underestimatedCount >= 5 && places.allSatisfy { tail[$0] == 0x47 }
    }
    guard let start = (0..<min(length, tail.count)).first(where: isSynchronised) else { return false }
    let before = length == 192 ? 4 : 0
    let end = start - before + (tail.count - start + before) / length * length
    // Less than a whole packet is left, and its first byte is there: those of whole ones all were.
    return end < tail.count && end + before < tail.count
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
  private var headerState: State {
    let identifier: [UInt8] = [
      0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11, 0x8E, 0xE4, 0x00, 0xC0, 0x0C, 0x20, 0x53, 0x65,
    ]
    let head = bytes(at: 0, count: 1 << 16)
    guard let place = (0..<max(0, head.count - 92)).first(where: { head[$0...].starts(with: identifier) }) else {
      return .unknown
    }
    let declared = head[(place + 40)..<(place + 48)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let isBroadcast = head[place + 88] & 1 != 0
    guard !isBroadcast, declared > 0 else { return .unknown }
    return declared > UInt64(size) ? .cut : .whole
  }

  /// AVI is one RIFF chunk, or several of up to a gigabyte (OpenDML 1.02); each tells its length. Recorders that were
  /// switched off leave 0.
  private var riffState: State {
    var position = 0
    while position + 12 <= size {
      let header = bytes(at: position, count: 8)
      guard header.starts(with: Array("RIFF".utf8)) else { return position > 0 ? .whole : .unknown }
      let length = header[4...].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length > 4 else { return .unknown }
      // Chunks are padded to an even length, which some writers forget at the end.
      if position + 8 + length > size { return .cut }
      position += 8 + length + length % 2
    }
    return .whole
  }

  /// The segment of a Matroska file (RFC 9559, 5.1) has a length, unless it was written to a pipe.
  private var segmentState: State {
    let head = bytes(at: 0, count: 4096)
    guard let headerSize = Self.variableLength(head, at: 4) else { return .unknown }
    let start = headerSize.end + headerSize.value
    guard start + 12 < head.count, Array(head[start..<start + 4]) == [0x18, 0x53, 0x80, 0x67],
      let segment = Self.variableLength(head, at: start + 4), !segment.isUnknown
    else { return .unknown }
    return segment.end + segment.value > size ? .cut : .whole
  }

  /// A number of EBML (RFC 8794, 4): the leading zeros of its first byte tell its length; all ones mean unknown.
  private static func variableLength(_ bytes: [UInt8], at place: Int) -> (value: Int, end: Int, isUnknown: Bool)? {
    guard place < bytes.count, bytes[place] != 0 else { return nil }
    let length = bytes[place].leadingZeroBitCount + 1
    guard place + length <= bytes.count else { return nil }
    let mask = (1 << (7 * length)) - 1
    let value = bytes[place..<place + length].reduce(0) { $0 << 8 | Int($1) } & mask
    return (value, place + length, value == mask)
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
    BoxHeader.bytes(descriptor, at: UInt64(max(0, position)), count: count)
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
  /// Whether less than the header of a box follows the last whole one.
  private var hasRest = false

  /// - Parameter descriptor: of a regular file; its position is not changed.
  init(descriptor: CInt) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return }
    let end = UInt64(max(status.st_size, 0))
    var position: UInt64 = 0
    // A real file has a handful; a hostile one is not followed for long.
    while position < end, types.count < 1000 {
      guard let box = BoxHeader(descriptor, at: position) else {
        hasRest = true
        return
      }
      types.append(box.type)
      // Size 0: the box reaches to the end.
      guard box.size != 0 else { return }
      guard box.size >= 8, box.size <= end - position else {
        if box.size > end - position { cutOff = box.type }
        return
      }
      position += box.size
    }
  }

  /// What to tell of a file that breaks off in front of or within its index; nil when that is not its trouble.
  var whatIsCutOff: String? {
    guard let cutOff = cutOff ?? (hasRest ? types.last : nil), !types.contains("moov") || cutOff == "moov" else {
      return nil
    }
    return "the file ends within its '\(cutOff)' box" + (cutOff == "moov" ? "" : " and has no index")
  }

  /// A fragmented movie may end behind any fragment.
  var state: FileEnding.State {
    if let cutOff, cutOff == types.last, ["mdat", "moof", "moov"].contains(cutOff) { return .cut }
    return types.contains("moof") || cutOff != nil || hasRest ? .unknown : .whole
  }
}
