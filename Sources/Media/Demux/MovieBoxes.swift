import Glibc

/// What the index of a movie (ISO/IEC 14496-12) says and FFmpeg does not tell, or refuses to read.
struct MovieBoxes {
  struct Track {
    /// In the index of the movie; fragments have more.
    var samples = 0
    var hasEditList = false
    /// Types of the sample entries, in order.
    var entries: [String] = []
  }

  private(set) var tracks: [Track] = []
  /// Types of the sample entries of all video tracks.
  private(set) var videoEntries: [String] = []
  /// Whether the movie's duration is given as unknown, by all bits set.
  private(set) var hasUnknownDuration = false
  private let descriptor: CInt
  private var boxes = 0
  private var isVideoTrack = false

  private static let mostBoxes = 10_000
  private static let containers: Set<String> = ["moov", "trak", "edts", "mdia", "minf", "stbl"]
  /// Protected video of Common Encryption (ISO/IEC 23001-7), and of FairPlay.
  private static let protectedVideo: Set<String> = ["encv", "drmi"]

  /// - Parameter descriptor: of a regular file; its position is not changed.
  init(descriptor: CInt) {
    var status = stat()
    self.descriptor = descriptor
    guard fstat(descriptor, &status) == 0 else { return }
    walk(0..<UInt64(max(status.st_size, 0)), depth: 0)
  }

  /// Whether no video track can be decoded without a key.
  var isEncrypted: Bool { !videoEntries.isEmpty && videoEntries.allSatisfy(Self.protectedVideo.contains) }

  private mutating func walk(_ range: Range<UInt64>, depth: Int) {
    var position = range.lowerBound
    while position < range.upperBound, boxes < Self.mostBoxes {
      guard let box = BoxHeader(descriptor, at: position) else { return }
      boxes += 1
      let end = box.size == 0 ? range.upperBound : min(position &+ box.size, range.upperBound)
      guard end >= position + box.headerBytes else { return }
      look(at: box, position + box.headerBytes..<end, depth)
      position = end
    }
  }

  private mutating func look(at box: BoxHeader, _ content: Range<UInt64>, _ depth: Int) {
    if box.type == "trak" { tracks.append(Track()) }
    switch box.type {
    case "elst" where !tracks.isEmpty: tracks[tracks.count - 1].hasEditList = true
    case "stsz" where !tracks.isEmpty, "stz2" where !tracks.isEmpty:
      // Version and flags, size of all samples, number of samples.
      let number = BoxHeader.bytes(descriptor, at: content.lowerBound + 8, count: 4)
      tracks[tracks.count - 1].samples = number.reduce(0) { $0 << 8 | Int($1) }
    case _ where Self.containers.contains(box.type) && depth < 8: walk(content, depth: depth + 1)
    case "mvhd":
      // Version and flags, two times, timescale, duration.
      let bytes = BoxHeader.bytes(descriptor, at: content.lowerBound, count: 32)
      guard bytes.count == 32 else { return }
      let duration = bytes[0] == 1 ? bytes[24..<32] : bytes[16..<20]
      hasUnknownDuration = duration.allSatisfy { $0 == 0xFF }
    case "hdlr":
      isVideoTrack = BoxHeader.bytes(descriptor, at: content.lowerBound, count: 12).suffix(4).elementsEqual("vide".utf8)
    case "stsd":
      var position = content.lowerBound + 8
      while position < content.upperBound, boxes < Self.mostBoxes, let entry = BoxHeader(descriptor, at: position) {
        boxes += 1
        if isVideoTrack { videoEntries.append(entry.type) }
        if !tracks.isEmpty { tracks[tracks.count - 1].entries.append(entry.type) }
        guard entry.size >= 8 else { return }
        position &+= entry.size
      }
    default: break
    }
  }
}

/// The header of a box.
struct BoxHeader {
  /// Four characters; "?" where they are not ASCII.
  let type: String
  /// With the header; 0 when the box reaches to the end of the file.
  let size: UInt64
  let headerBytes: UInt64

  /// nil where the file has no such header.
  init?(_ descriptor: CInt, at position: UInt64) {
    let bytes = Self.bytes(descriptor, at: position, count: 16)
    guard bytes.count >= 8 else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    let isText = bytes[4..<8].allSatisfy { (32..<127).contains($0) }
    type = isText ? String(decoding: bytes[4..<8], as: UTF8.self) : "?"
    let short = number(0..<4)
    guard short == 1 else {
      (size, headerBytes) = (short, 8)
      return
    }
    guard bytes.count == 16 else { return nil }
    (size, headerBytes) = (number(8..<16), 16)
  }

  static func bytes(_ descriptor: CInt, at position: UInt64, count: Int) -> [UInt8] {
    guard position <= UInt64(Int64.max) else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, off_t(position)))
    }
  }
}
