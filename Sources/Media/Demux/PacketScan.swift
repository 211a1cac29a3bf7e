import CFFmpeg

/// The raw facts about all packets of a stream, as the demuxer gives them.
struct PacketScan {
  struct Record {
    /// Timestamps in ticks; nil when the container has none.
    var pts: Int64? { Self.time(rawPTS) }
    var dts: Int64? { Self.time(rawDTS) }
    var traits: PacketTraits
    /// Temporal sub-layer of HEVC.
    var layer: UInt8 = 0
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
  /// Whether the data ends in the middle of a packet, or the rest cannot be read.
  private(set) var endsDamaged = false
  /// Packets that the demuxer calls damaged, and places where the container cannot be read.
  ///
  /// Such packets give frames, as in players: the sign may be no more than a counter that skips a number, as where
  /// recordings are joined.
  private(set) var damages = 0
  /// Of the last packet that has one; 0 when none has.
  private(set) var lastDuration: Int64 = 0
  private var scanner: PacketScanner
  private(set) var orientations: OrientationScanner

  init(_ parameters: AVCodecParameters) {
    scanner = PacketScanner(parameters)
    orientations = OrientationScanner(parameters)
  }

  var knowsReferences: Bool { scanner.knowsReferences }

  mutating func run(_ demuxer: inout Demuxer, _ limits: DecodeLimits) throws(MediaError) {
    let packet = try Packet()
    var failures = 0
    loop: while failures < Self.mostFailures {
      switch demuxer.read(into: packet) {
      case .end: break loop
      case .damaged:
        endsDamaged = true
        damages += 1
        failures += 1
      case .packet:
        failures = 0
        guard records.count < limits.maxPackets else {
          throw .limit(what: "more than \(limits.maxPackets) frames in the video")
        }
        append(packet)
      }
    }
    // What the end of the data cuts off is no whole frame.
    if endsDamaged, failures == 0, let last = records.indices.last { records[last].traits.insert(.hidden) }
    keepNeededPictures()
  }

  private mutating func append(_ packet: borrowing Packet) {
    let raw = packet.raw.pointee
    endsDamaged = raw.flags & AV_PKT_FLAG_CORRUPT != 0
    if endsDamaged { damages += 1 }
    if packet.hasSideData(AV_PKT_DATA_ENCRYPTION_INFO) { isEncrypted = true }
    if raw.duration > 0 { lastDuration = min(raw.duration, Record.largestTime) }
    orientations.look(at: packet, position: records.count)
    let traits = scanner.traits(of: packet)
    if scanner.lostLastFrame { hideLastFrame() }
    var record = Record(
      pts: raw.pts == shim_no_pts() ? nil : raw.pts, dts: raw.dts == shim_no_pts() ? nil : raw.dts, traits: traits)
    record.layer = scanner.layer
    records.append(record)
  }

  private mutating func hideLastFrame() {
    // Few packets without a picture lie between two fields; a hostile stream may have millions.
    guard let last = records.indices.suffix(64).last(where: { !records[$0].traits.contains(.hidden) }) else { return }
    records[last].traits.insert(.hidden)
  }

  /// Takes the mark of disposable pictures from those that decoding cannot do without. In HEVC, those that their own
  /// temporal sub-layer does not need may be needed by a higher one.
  private mutating func keepNeededPictures() {
    let highest = records.lazy.map(\.layer).max() ?? 0
    guard scanner.needsAllPictures || highest > 0 else { return }
    for position in records.indices where scanner.needsAllPictures || records[position].layer < highest {
      records[position].traits.remove(.disposable)
    }
  }
}
