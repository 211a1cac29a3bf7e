import CFFmpeg

/// What one pass over the packets, without decoding, tells about a video.
struct PacketIndex {
  struct Entry {
    /// Presentation time in ticks.
    var pts: Int64
    /// Decoding may start here, and frames shown from here on need nothing earlier.
    var isEntryPoint: Bool
    var isKey: Bool
    /// No other frame is predicted from this one.
    var isDisposable: Bool
    /// Shown at all: an edit list may hide packets that others need.
    var isShown: Bool
  }

  /// In decoding order.
  private(set) var entries: [Entry] = []
  /// Whether every packet has a presentation time of its own. Otherwise frames are counted, not timed.
  private(set) var isTimed = true
  private(set) var isEncrypted = false
  /// Whether a packet was cut short or the container broke off.
  private(set) var isDamaged = false
  private var lastDuration: Int64 = 0

  /// Reads all packets of `demuxer`.
  init(_ demuxer: inout Demuxer) throws(MediaError) {
    let packet = try Packet()
    let units = NALUnits(demuxer.stream.pointee.codecpar.pointee)
    var seen: Set<Int64> = []
    var failures = 0
    loop: while true {
      switch demuxer.read(into: packet) {
      case .end: break loop
      case .damaged:
        isDamaged = true
        failures += 1
        // Some demuxers repeat an error for ever, others get over a bad spot.
        if failures > 16 { break loop }
      case .packet:
        failures = 0
        append(packet.raw.pointee, units, &seen)
      }
    }
  }

  private mutating func append(_ packet: AVPacket, _ units: NALUnits, _ seen: inout Set<Int64>) {
    if packet.flags & AV_PKT_FLAG_CORRUPT != 0 {
      isDamaged = true
      return
    }
    if entries.isEmpty {
      var copy = packet
      isEncrypted = av_packet_get_side_data(&copy, AV_PKT_DATA_ENCRYPTION_INFO, nil) != nil
    }
    let kind = units.kind(of: packet)
    let isKey = packet.flags & AV_PKT_FLAG_KEY != 0
    if packet.pts == shim_no_pts() || !seen.insert(packet.pts).inserted { isTimed = false }
    if packet.duration > 0 { lastDuration = packet.duration }
    entries.append(
      Entry(
        pts: packet.pts, isEntryPoint: kind?.isEntryPoint ?? isKey, isKey: isKey,
        isDisposable: kind?.isDisposable ?? (packet.flags & AV_PKT_FLAG_DISPOSABLE != 0),
        isShown: packet.flags & AV_PKT_FLAG_DISCARD == 0))
  }

  /// Ticks from the first frame's beginning to the last frame's end; 0 when the packets are not timed.
  var spanTicks: Int64 {
    let times = entries.lazy.filter(\.isShown).map(\.pts)
    guard isTimed, let first = times.min(), let last = times.max() else { return 0 }
    return last - first + lastDuration
  }
}

/// Looks at the NAL units of H.264 and HEVC packets, whose key flag says less than is needed here.
///
/// A key packet of H.264 may be a recovery point in the middle of an open group, from which an exact picture is not
/// promised: only an IDR picture is an entry point. `nal_ref_idc` 0 marks a picture that nothing refers to.
private struct NALUnits {
  struct Kind {
    var isEntryPoint: Bool
    var isDisposable: Bool?
  }

  private let isHEVC: Bool
  /// Bytes of the length before each unit; 0 for start codes; nil for other codecs.
  private let lengthBytes: Int?

  init(_ parameters: AVCodecParameters) {
    isHEVC = parameters.codec_id == AV_CODEC_ID_HEVC
    guard isHEVC || parameters.codec_id == AV_CODEC_ID_H264 else {
      lengthBytes = nil
      return
    }
    let position = isHEVC ? 21 : 4
    if let extra = parameters.extradata, parameters.extradata_size > position, extra[0] == 1 {
      lengthBytes = Int(extra[position] & 3) + 1
    } else {
      lengthBytes = 0
    }
  }

  /// - Returns: nil when the packet's flags have to do.
  func kind(of packet: AVPacket) -> Kind? {
    guard let lengthBytes, let data = packet.data, packet.size > 0 else { return nil }
    let bytes = UnsafeBufferPointer(start: data, count: Int(packet.size))
    guard let header = lengthBytes > 0 ? pictureAfterLengths(bytes, lengthBytes) : pictureAfterStartCodes(bytes) else {
      return Kind(isEntryPoint: false, isDisposable: nil)
    }
    if isHEVC {
      // Table 7-1: BLA 16–18, IDR 19–20, CRA 21 are random access points; trailing pictures come with even numbers
      // below 16 when nothing of their own layer refers to them.
      let type = header >> 1 & 0x3F
      return Kind(isEntryPoint: (16...21).contains(type), isDisposable: type < 16 && type % 2 == 0)
    }
    return Kind(isEntryPoint: header & 0x1F == 5, isDisposable: header >> 5 & 3 == 0)
  }

  private func isPicture(_ header: UInt8) -> Bool {
    isHEVC ? header >> 1 & 0x3F < 32 : (1...5).contains(header & 0x1F)
  }

  private func pictureAfterLengths(_ bytes: UnsafeBufferPointer<UInt8>, _ lengthBytes: Int) -> UInt8? {
    var position = 0
    while position + lengthBytes < bytes.count {
      let length = bytes[position..<(position + lengthBytes)].reduce(0) { $0 << 8 | Int($1) }
      let header = bytes[position + lengthBytes]
      if isPicture(header) { return header }
      position += lengthBytes + length
    }
    return nil
  }

  private func pictureAfterStartCodes(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt8? {
    var zeros = 0
    for position in bytes.indices.dropLast() {
      if bytes[position] == 0 {
        zeros += 1
      } else {
        if bytes[position] == 1, zeros >= 2, isPicture(bytes[position + 1]) { return bytes[position + 1] }
        zeros = 0
      }
    }
    return nil
  }
}
