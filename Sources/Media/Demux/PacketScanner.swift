import CFFmpeg

/// Looks into packets for what containers do not tell, or tell wrongly.
///
/// A key packet of H.264 may be a recovery point in the middle of an open group, from which an exact picture is not
/// promised; `AV_PKT_FLAG_DISPOSABLE` is set by few demuxers. Codecs that are not understood here give no entry points
/// and no disposable packets: they are decoded from the start.
struct PacketScanner {
  private enum Syntax {
    /// `lengthBytes` of a length before each unit, or 0 when start codes separate them.
    case nalUnits(isHEVC: Bool, lengthBytes: Int)
    case mpeg2, mpeg4, vp8
    /// Key flags of the containers are right for these.
    case flagged
    /// Every packet is a picture of its own.
    case intraOnly
    case opaque
  }

  private let syntax: Syntax
  /// Whether HEVC pictures of more than one temporal sub-layer were seen. A picture that its own sub-layer does not
  /// need may then be needed by a higher one, so `disposable` does not hold.
  private(set) var hasSublayers = false

  init(_ parameters: AVCodecParameters) {
    let codec = parameters.codec_id
    switch codec {
    case AV_CODEC_ID_H264, AV_CODEC_ID_HEVC:
      let isHEVC = codec == AV_CODEC_ID_HEVC
      // Position of the length size in the configuration records of ISO/IEC 14496-15.
      let position = isHEVC ? 21 : 4
      var lengthBytes = 0
      if let extra = parameters.extradata, parameters.extradata_size > position, extra[0] == 1 {
        lengthBytes = Int(extra[position] & 3) + 1
      }
      syntax = .nalUnits(isHEVC: isHEVC, lengthBytes: lengthBytes)
    case AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO: syntax = .mpeg2
    case AV_CODEC_ID_MPEG4: syntax = .mpeg4
    case AV_CODEC_ID_VP8: syntax = .vp8
    case AV_CODEC_ID_VP9, AV_CODEC_ID_AV1: syntax = .flagged
    default:
      let properties = avcodec_descriptor_get(codec)?.pointee.props ?? 0
      syntax = properties & AV_CODEC_PROP_INTRA_ONLY != 0 ? .intraOnly : .opaque
    }
  }

  /// What the packet's bytes and flags say.
  mutating func traits(of packet: borrowing Packet) -> PacketTraits {
    let raw = packet.raw.pointee
    var traits: PacketTraits = raw.flags & AV_PKT_FLAG_KEY != 0 ? .key : []
    if raw.flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT) != 0 { traits.insert(.hidden) }
    if packet.hasSideData(AV_PKT_DATA_NEW_EXTRADATA) { traits.insert(.settings) }
    guard let data = raw.data, raw.size > 0 else { return traits.union(.hidden) }
    let bytes = UnsafeBufferPointer(start: data, count: Int(raw.size))
    switch syntax {
    case .nalUnits(let isHEVC, let lengthBytes):
      let units = NALUnits(bytes, lengthBytes: lengthBytes)
      return traits.union(isHEVC ? hevcTraits(units) : Self.h264Traits(units))
    case .mpeg2: return traits.union(Self.mpeg2Traits(bytes, isKey: traits.contains(.key)))
    case .mpeg4: return traits.union(Self.mpeg4Traits(bytes))
    case .vp8: return traits.union(Self.vp8Traits(bytes[0]))
    case .flagged: return traits.contains(.key) ? traits.union(.entryPoint) : traits
    case .intraOnly: return traits.union(.entryPoint)
    case .opaque: return traits
    }
  }

  /// Table 7-1 of H.265: pictures are 0–31, those of 0–15 with even numbers are not referred to in their sub-layer;
  /// BLA 16–18, IDR 19–20, CRA 21; parameter sets 32–34.
  private mutating func hevcTraits(_ units: NALUnits) -> PacketTraits {
    var units = units
    var traits: PacketTraits = []
    while let unit = units.next() {
      let type = unit.header >> 1 & 0x3F
      if (32...34).contains(type) { traits.insert(.settings) }
      guard type < 32 else { continue }
      if unit.second & 7 > 1 { hasSublayers = true }
      if type < 16, type % 2 == 0 { traits.insert(.disposable) }
      if (16...20).contains(type) { traits.insert(.newSequence) }
      // Parameter sets in front of an entry point are a repetition.
      return (16...21).contains(type) ? traits.subtracting(.settings).union(.entryPoint) : traits
    }
    return traits
  }

  /// Table 7-1 of H.264: pictures are 1–5, IDR 5; parameter sets 7, 8, 13, 15. nal_ref_idc 0: nothing refers to it.
  private static func h264Traits(_ units: NALUnits) -> PacketTraits {
    var units = units
    var traits: PacketTraits = []
    while let unit = units.next() {
      let type = unit.header & 0x1F
      if [7, 8, 13, 15].contains(type) { traits.insert(.settings) }
      guard (1...5).contains(type) else { continue }
      if unit.header >> 5 & 3 == 0 { traits.insert(.disposable) }
      return type == 5 ? traits.subtracting(.settings).union([.entryPoint, .newSequence]) : traits
    }
    return traits
  }

  private static func mpeg2Traits(_ bytes: UnsafeBufferPointer<UInt8>, isKey: Bool) -> PacketTraits {
    var traits: PacketTraits = []
    var units = NALUnits(bytes, lengthBytes: 0)
    while let unit = units.next() {
      // ISO/IEC 13818-2: a sequence header (B3) brings all settings, a picture header (00) tells the picture's type
      // behind ten bits.
      if unit.header == 0xB3 { traits.insert(isKey ? .entryPoint : .settings) }
      if unit.header == 0 {
        if unit.third >> 3 & 7 == 3 { traits.insert(.disposable) }
        return traits
      }
    }
    return traits
  }

  private static func mpeg4Traits(_ bytes: UnsafeBufferPointer<UInt8>) -> PacketTraits {
    var units = NALUnits(bytes, lengthBytes: 0)
    while let unit = units.next() {
      guard unit.header == 0xB6 else { continue }
      // ISO/IEC 14496-2: vop_coding_type, 0 = I, 2 = B.
      switch unit.second >> 6 {
      case 0: return .entryPoint
      case 2: return .disposable
      default: return []
      }
    }
    return []
  }

  /// RFC 6386, 9.1: bit 0 is clear in key frames, bit 4 in frames that are not shown.
  private static func vp8Traits(_ first: UInt8) -> PacketTraits {
    var traits: PacketTraits = first & 1 == 0 ? .entryPoint : []
    if first & 0x10 == 0 { traits.insert(.hidden) }
    return traits
  }
}

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
