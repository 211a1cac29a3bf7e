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
    /// Every packet is a picture of its own, with the palette of the last packet that has one.
    case intraOnly
    /// The same, with tables of earlier packets perhaps.
    case jpeg
    case opaque
  }

  /// Codecs whose pictures depend on no others, nor on tables or contexts that others define.
  private static let intraOnly: Set<UInt32> = Set(
    [
      AV_CODEC_ID_DNXHD, AV_CODEC_ID_DVVIDEO, AV_CODEC_ID_FFVHUFF, AV_CODEC_ID_HUFFYUV, AV_CODEC_ID_JPEG2000,
      AV_CODEC_ID_MAGICYUV, AV_CODEC_ID_PRORES, AV_CODEC_ID_RAWVIDEO, AV_CODEC_ID_UTVIDEO, AV_CODEC_ID_V210,
    ].map(\.rawValue))

  private let syntax: Syntax
  /// Whether all pictures have to be decoded, also those that nothing refers to.
  ///
  /// H.264 pictures with frame numbers of their own leave a gap in the numbers when they are left out, and the decoder
  /// fills gaps.
  private(set) var needsAllPictures = false
  /// Temporal sub-layer of the last HEVC picture, from 0.
  private(set) var layer: UInt8 = 0
  /// Whether the packet before the last one held a field that is not shown for lack of its other field.
  private(set) var lostLastFrame = false
  private var h264: H264Headers
  private var sets: ParameterSets
  /// MPEG-4: the last video object layer, and whether it is not that of the stream's header.
  private var objectLayer: (bytes: [UInt8], hasChanged: Bool)?
  private var fields = FieldPairing()
  /// H.264 frame numbers of the last picture, and of the last one that others refer to.
  private var lastNumber: (any: Int, reference: Int)?
  private var isReferencePicture = false
  /// Whether leading pictures of the entry point before lack what they refer to.
  private var lacksEarlier = true
  private var isFirstEntryPoint = true
  /// MPEG-1, 2 and 4: whether pictures that follow may refer to what comes before the entry point.
  private var isBehindEntryPoint = false
  /// MPEG-2: whether the packet before held the first field of a frame.
  private var isFirstField = false
  private var jpeg = JPEGTables()
  private var hasPalette = false
  /// MPEG-4: bits of the increment of time in picture headers.
  private var timeIncrementBits: Int?

  init(_ parameters: AVCodecParameters) {
    let codec = parameters.codec_id
    let configuration = UnsafeBufferPointer(
      UnsafeMutableBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size)))
    h264 = H264Headers(
      configuration: codec == AV_CODEC_ID_H264 ? configuration : UnsafeBufferPointer(start: nil, count: 0))
    sets = ParameterSets(
      configuration: codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC
        ? configuration : UnsafeBufferPointer(start: nil, count: 0), isHEVC: codec == AV_CODEC_ID_HEVC)
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
    case AV_CODEC_ID_MJPEG: syntax = .jpeg
    default: syntax = Self.intraOnly.contains(codec.rawValue) ? .intraOnly : .opaque
    }
    if codec == AV_CODEC_ID_MPEG4 {
      _ = mpeg4Traits(configuration)
      objectLayer?.hasChanged = false
    }
  }

  /// Whether `disposable` and `leading` are known from the pictures themselves.
  var knowsReferences: Bool {
    switch syntax {
    case .nalUnits, .mpeg2, .mpeg4, .intraOnly, .jpeg: true
    case .vp8, .flagged, .opaque: false
    }
  }

  /// What the packet's bytes and flags say.
  mutating func traits(of packet: borrowing Packet) -> PacketTraits {
    lostLastFrame = false
    let raw = packet.raw.pointee
    var traits: PacketTraits = raw.flags & AV_PKT_FLAG_KEY != 0 ? .key : []
    if raw.flags & AV_PKT_FLAG_DISCARD != 0 { traits.insert(.hidden) }
    if packet.hasSideData(AV_PKT_DATA_NEW_EXTRADATA) { traits.insert(.settings) }
    guard let data = raw.data, raw.size > 0 else { return traits.union(.hidden) }
    let bytes = UnsafeBufferPointer(start: data, count: Int(raw.size))
    switch syntax {
    case .nalUnits(let isHEVC, let lengthBytes):
      let units = NALUnits(bytes, lengthBytes: lengthBytes)
      sets.beginPacket()
      return traits.union(isHEVC ? hevcTraits(units, bytes) : h264Traits(units))
    case .mpeg2: return traits.union(mpeg2Traits(bytes, isKey: traits.contains(.key)))
    case .mpeg4: return traits.union(mpeg4Traits(bytes))
    case .vp8: return traits.union(Self.vp8Traits(bytes[0]))
    case .flagged: return traits.contains(.key) ? traits.union(.entryPoint) : traits
    case .intraOnly:
      let bringsPalette = packet.hasSideData(AV_PKT_DATA_PALETTE)
      hasPalette = hasPalette || bringsPalette
      return hasPalette && !bringsPalette ? traits : traits.union(.entryPoint)
    case .jpeg: return jpeg.isComplete(bytes) ? traits.union(.entryPoint) : traits
    case .opaque: return traits
    }
  }

  /// Table 7-1 of H.265: pictures are 0–31, those of 0–15 with even numbers are not referred to in their sub-layer;
  /// RASL 8–9, BLA 16–18, IDR 19–20, CRA 21; end of sequence and of bitstream 36–37.
  private mutating func hevcTraits(_ units: NALUnits, _ bytes: UnsafeBufferPointer<UInt8>) -> PacketTraits {
    var units = units
    var traits: PacketTraits = []
    // The end of a sequence is the last unit of its packet and two bytes long; elsewhere, such bytes are escaped.
    let end = Array(bytes.suffix(5))
    let endsSequence =
      end.count == 5 && end[0] == 0 && end[1] == 0 && (1...2).contains(end[2]) && Self.endsSequence(end[3] >> 1)
    defer { if endsSequence { isFirstEntryPoint = true } }
    while let unit = units.next() {
      let type = unit.header >> 1 & 0x3F
      sets.read(unit, of: units)
      if Self.endsSequence(type) { isFirstEntryPoint = true }
      guard type < 32 else { continue }
      layer = max(unit.second & 7, 1) - 1
      if type < 16, type % 2 == 0 { traits.insert(.disposable) }
      if (16...20).contains(type) { traits.insert(.newSequence) }
      if (8...9).contains(type) { traits.formUnion(lacksEarlier ? [.leading, .hidden] : .leading) }
      guard (16...21).contains(type) else { return traits }
      if isFirstEntryPoint { traits.insert(.newSequence) }
      lacksEarlier = isFirstEntryPoint || type <= 18
      isFirstEntryPoint = false
      return sets.isComplete ? traits.union(.entryPoint) : traits
    }
    return traits.union(.hidden)
  }

  private static func endsSequence(_ type: UInt8) -> Bool { type == 36 || type == 37 }

  /// Table 7-1 of H.264: pictures are 1–5, IDR 5. nal_ref_idc 0: nothing refers to it.
  private mutating func h264Traits(_ units: NALUnits) -> PacketTraits {
    var units = units
    var traits: PacketTraits = []
    while let unit = units.next() {
      let type = unit.header & 0x1F
      h264.read(unit, of: units)
      sets.read(unit, of: units)
      guard (1...5).contains(type) else { continue }
      let isReference = unit.header >> 5 & 3 != 0
      if !isReference { traits.insert(.disposable) }
      if type == 5 { traits.formUnion(sets.isComplete ? [.entryPoint, .newSequence] : .newSequence) }
      // Data partitions other than the first have no such header.
      guard type == 1 || type == 2 || type == 5, let slice = h264.slice(unit, of: units) else { return traits }
      let place = fields.place(of: Self.holdsBothFields(slice, units, h264) ? slice.asFrame : slice)
      lostLastFrame = fields.lostLastFrame
      if place == .secondField {
        if isReference != isReferencePicture { needsAllPictures = true }
        return traits.subtracting([.entryPoint, .newSequence]).union(.continuation)
      }
      isReferencePicture = isReference
      note(slice, isReference: isReference, isIDR: type == 5)
      return traits
    }
    return traits.union(.hidden)
  }

  /// Notes whether leaving out unreferenced pictures makes a gap in the frame numbers.
  private mutating func note(_ slice: H264Headers.Slice, isReference: Bool, isIDR: Bool) {
    let number = slice.frameNumber
    if let last = lastNumber, !isIDR, last.any != last.reference {
      let step = (number - last.reference + slice.modulus) % slice.modulus
      if step > 1 { needsAllPictures = true }
    }
    lastNumber = (number, isReference || isIDR ? number : lastNumber?.reference ?? number)
  }

  /// Whether a packet that begins with a field has the other field, too.
  private static func holdsBothFields(_ first: H264Headers.Slice, _ units: NALUnits, _ headers: H264Headers) -> Bool {
    guard let field = first.field else { return false }
    var units = units
    while let unit = units.next() {
      let type = unit.header & 0x1F
      guard type == 1 || type == 2 || type == 5 else { continue }
      if let other = headers.slice(unit, of: units)?.field, other != field { return true }
    }
    return false
  }

  private mutating func mpeg2Traits(_ bytes: UnsafeBufferPointer<UInt8>, isKey: Bool) -> PacketTraits {
    var traits: PacketTraits = []
    var isClosed = false
    var units = NALUnits(bytes, lengthBytes: 0)
    while let unit = units.next() {
      // ISO/IEC 13818-2: a sequence header (B3) brings all settings, the header of a group (B8) tells behind 25 bits
      // whether it is closed, a picture header (00) tells the picture's type behind ten bits.
      switch unit.header {
      case 0xB3: traits.insert(isKey ? .entryPoint : .settings)
      case 0xB8: isClosed = units.byte(at: unit.start + 4) & 0x40 != 0
      case 0:
        if unit.third >> 3 & 7 == 3 { traits.insert(.disposable) }
        if isSecondField(Self.isLoneField(&units)) { return [.continuation] }
        return traits.union(leading(traits, isClosed: isClosed))
      default: break
      }
    }
    return traits.union(.hidden)
  }

  /// Whether a packet holds one field, by what follows its picture header: the extension B5 with the number 8 tells
  /// behind 22 bits whether the picture is a frame. MPEG-1 has none.
  private static func isLoneField(_ units: inout NALUnits) -> Bool {
    guard let unit = units.next(), unit.header == 0xB5, unit.second >> 4 == 8, units.byte(at: unit.start + 3) & 3 != 3
    else { return false }
    while let unit = units.next() {
      if unit.header == 0 { return false }
    }
    return true
  }

  private mutating func isSecondField(_ isLoneField: Bool) -> Bool {
    defer { isFirstField = isLoneField && !isFirstField }
    return isLoneField && isFirstField
  }

  private mutating func mpeg4Traits(_ bytes: UnsafeBufferPointer<UInt8>) -> PacketTraits {
    var units = NALUnits(bytes, lengthBytes: 0)
    var (hasUnits, hasObjectLayer) = (false, false)
    while let unit = units.next() {
      hasUnits = true
      if (0x20...0x2F).contains(unit.header) {
        readVideoObjectLayer(units.bytes(of: unit, atMost: 64))
        let bytes = Array(units.bytes(of: unit, atMost: 1024, toEnd: true))
        if objectLayer?.bytes != bytes { objectLayer = (bytes, true) }
        hasObjectLayer = true
      }
      guard unit.header == 0xB6 else { continue }
      // ISO/IEC 14496-2: vop_coding_type, 0 = I, 2 = B.
      var traits: PacketTraits = []
      switch unit.second >> 6 {
      case 0: traits = hasObjectLayer || objectLayer?.hasChanged == false ? .entryPoint : []
      case 2: traits = .disposable
      default: break
      }
      // The picture before is shown once more.
      if !isCoded(units.bytes(of: unit, atMost: 64)) { return .hidden }
      return traits.union(leading(traits, isClosed: false))
    }
    // Pictures with the short header of H.263 have none of these start codes.
    return hasUnits ? .hidden : []
  }

  /// What the order of decoding says of pictures behind an entry point of MPEG-1, 2 and 4: unreferenced ones before the
  /// next reference are shown before it, and may refer to what precedes it.
  private mutating func leading(_ traits: PacketTraits, isClosed: Bool) -> PacketTraits {
    if traits.contains(.entryPoint) {
      isBehindEntryPoint = true
      // Elsewhere, what a group says of itself need not be believed.
      lacksEarlier = isFirstEntryPoint && !isClosed
      isFirstEntryPoint = false
    } else if !traits.contains(.disposable) {
      isBehindEntryPoint = false
    } else if isBehindEntryPoint {
      return lacksEarlier ? [.leading, .hidden] : .leading
    }
    return []
  }

  /// ISO/IEC 14496-2, 6.2.3: takes the resolution of time from a video object layer.
  private mutating func readVideoObjectLayer(_ bytes: UnsafeBufferPointer<UInt8>) {
    var bits = NALBits(bytes, escaped: false)
    _ = bits.bits(9)
    var version = 1
    if bits.bits(1) == 1 {
      version = bits.bits(4)
      _ = bits.bits(3)
    }
    if bits.bits(4) == 15 { _ = bits.bits(16) }
    if bits.bits(1) == 1 {
      _ = bits.bits(3)
      if bits.bits(1) == 1 { for _ in 0..<79 { _ = bits.bits(1) } }
    }
    if bits.bits(2) == 3, version != 1 { _ = bits.bits(4) }
    _ = bits.bits(1)
    let resolution = bits.bits(16)
    timeIncrementBits = max(1, Int.bitWidth - (max(resolution, 1) - 1).leadingZeroBitCount)
  }

  /// ISO/IEC 14496-2, 6.2.5: vop_coded, behind the picture's type and time.
  private func isCoded(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let timeIncrementBits else { return true }
    var bits = NALBits(bytes, escaped: false)
    _ = bits.bits(2)
    for _ in 0..<bytes.count * 8 where bits.bits(1) == 0 {
      _ = bits.bits(1 + timeIncrementBits + 1)
      return bits.bits(1) == 1
    }
    return true
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
    /// Position of the header in the packet.
    var start: Int
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
    Unit(header: byte(at: start), second: byte(at: start + 1), third: byte(at: start + 2), start: start)
  }

  /// A byte of the packet; 0 beyond its end.
  func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

  /// The first bytes of a unit, and perhaps of what follows it.
  ///
  /// - Parameter toEnd: whether nothing follows, nor zeros at the unit's end.
  func bytes(of unit: Unit, atMost count: Int, toEnd: Bool = false) -> UnsafeBufferPointer<UInt8> {
    let start = min(unit.start, bytes.count)
    var end = min(start + count, bytes.count)
    if toEnd {
      // The unit is the last one that was read.
      end = min(end, max(start, lengthBytes > 0 ? position : endBeforeStartCode(from: start, to: end)))
      while end > start, bytes[end - 1] == 0 { end -= 1 }
    }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }

  private func endBeforeStartCode(from start: Int, to end: Int) -> Int {
    var zeros = 0
    for place in start..<end {
      if bytes[place] <= 1, zeros >= 2 { return place - 2 }
      zeros = bytes[place] == 0 ? zeros + 1 : 0
    }
    return end
  }
}
