import CFFmpeg

/// The raw facts about all packets of a stream, as the demuxer gives them.
struct PacketScan {
  struct Record {
    /// Timestamps in ticks; nil when the container has none.
    var pts: Int64? { Self.time(rawPTS) }
    var dts: Int64? { Self.time(rawDTS) }
    var traits: PacketTraits
    private var rawPTS: Int64
    private var rawDTS: Int64

    /// Times beyond this are nonsense and would overflow sums.
    static let largestTime: Int64 = 1 << 60
    private static let none = Int64.min

    init(pts: Int64?, dts: Int64?, traits: PacketTraits) {
      rawPTS = pts.map(Self.clamped) ?? Self.none
      rawDTS = dts.map(Self.clamped) ?? Self.none
      self.traits = traits
    }

    mutating func shift(by ticks: Int64) {
      if let pts { rawPTS = Self.clamped(pts &+ ticks) }
      if let dts { rawDTS = Self.clamped(dts &+ ticks) }
    }

    private static func time(_ raw: Int64) -> Int64? { raw == none ? nil : raw }

    private static func clamped(_ ticks: Int64) -> Int64 { min(max(ticks, -largestTime), largestTime) }
  }

  /// Errors in a row after which a demuxer is taken to repeat them for ever; some get over a bad spot.
  static let mostFailures = 16

  var records: [Record] = []
  private(set) var isEncrypted = false
  private(set) var isDamaged = false
  /// Of the last packet that has one; 0 when none has.
  private(set) var lastDuration: Int64 = 0
  private var scanner: PacketScanner
  private(set) var orientations: OrientationScanner

  init(_ parameters: AVCodecParameters) {
    scanner = PacketScanner(parameters)
    orientations = OrientationScanner(parameters)
  }

  mutating func run(_ demuxer: inout Demuxer, _ limits: DecodeLimits) throws(MediaError) {
    let packet = try Packet()
    var failures = 0
    loop: while failures < Self.mostFailures {
      switch demuxer.read(into: packet) {
      case .end: break loop
      case .damaged:
        isDamaged = true
        failures += 1
      case .packet:
        failures = 0
        guard records.count < limits.maxPackets else {
          throw .limit(what: "more than \(limits.maxPackets) frames in the video")
        }
        append(packet)
      }
    }
    if scanner.hasSublayers {
      for position in records.indices { records[position].traits.remove(.disposable) }
    }
  }

  private mutating func append(_ packet: borrowing Packet) {
    let raw = packet.raw.pointee
    if raw.flags & AV_PKT_FLAG_CORRUPT != 0 { isDamaged = true }
    if packet.hasSideData(AV_PKT_DATA_ENCRYPTION_INFO) { isEncrypted = true }
    if raw.duration > 0 { lastDuration = min(raw.duration, Record.largestTime) }
    orientations.look(at: packet, position: records.count)
    records.append(
      Record(
        pts: raw.pts == shim_no_pts() ? nil : raw.pts, dts: raw.dts == shim_no_pts() ? nil : raw.dts,
        traits: scanner.traits(of: packet)))
  }
}
