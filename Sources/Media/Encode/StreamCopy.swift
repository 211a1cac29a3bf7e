import CFFmpeg

/// Copies the packets of all streams beside the video, as far as MP4 takes them, in step with the video.
struct StreamCopy: ~Copyable {
  private var demuxer: Demuxer
  /// Streams of the new file by those of the old one.
  private var targets: [CInt: CInt] = [:]
  /// The last decoding time of each stream of the new file, and the step to it, in the old one's ticks.
  private var lastTimes: [CInt: (time: Int64, step: Int64)] = [:]
  /// Kinds of streams that are not in the new file, in words.
  private(set) var leftOut: [String] = []
  /// Packets that no file can hold: their times go backwards.
  private(set) var droppedPackets = 0
  private let packet: Packet
  private var hasPacket = false
  private var isAtEnd = false

  var count: Int { targets.count }

  /// - Parameter track: position of the video stream, which is not copied.
  init(descriptor: CInt, limits: DecodeLimits, track: Int, into writer: inout MP4Writer)
    throws(MediaError)
  {
    let demuxer = try Demuxer(descriptor: descriptor, limits: limits, scope: .others, track: track)
    let packet = try Packet()
    var (targets, leftOut): ([CInt: CInt], [String]) = ([:], [])
    for stream in demuxer.otherStreams {
      if let index = try writer.addCopy(of: stream) {
        targets[stream.pointee.index] = index
      } else {
        leftOut.append(Self.name(of: stream))
      }
    }
    self.demuxer = demuxer
    self.packet = packet
    self.targets = targets
    self.leftOut = leftOut
  }

  /// Copies what belongs before a time, or all that is left.
  mutating func copy(before seconds: Double = .infinity, into writer: inout MP4Writer) throws {
    while try next() {
      guard let stream = demuxer.otherStreams.first(where: { $0.pointee.index == packet.raw.pointee.stream_index })
      else {
        hasPacket = false
        continue
      }
      let base = stream.pointee.time_base
      let raw = packet.raw
      if raw.pointee.dts == shim_no_pts() { raw.pointee.dts = raw.pointee.pts }
      if raw.pointee.pts == shim_no_pts() { raw.pointee.pts = raw.pointee.dts }
      guard Double(raw.pointee.dts) * av_q2d(base) < seconds else { return }
      hasPacket = false
      guard let target = targets[stream.pointee.index] else { continue }
      let last = lastTimes[target] ?? (time: raw.pointee.dts, step: 0)
      guard raw.pointee.dts != shim_no_pts(), raw.pointee.dts >= last.time else {
        droppedPackets += 1
        continue
      }
      let step = raw.pointee.dts - last.time
      lastTimes[target] = (raw.pointee.dts, step)
      // A last packet that lasts no time would be cut off by players.
      if raw.pointee.duration <= 0 { raw.pointee.duration = step }
      try writer.write(packet, to: target, timeBase: base)
    }
  }

  /// - Returns: whether there is a packet that has not been copied.
  private mutating func next() throws -> Bool {
    if hasPacket { return true }
    var failures = 0
    while !isAtEnd, !targets.isEmpty, failures < PacketScan.mostFailures {
      switch demuxer.read(into: packet) {
      case .packet:
        hasPacket = true
        return true
      case .end: isAtEnd = true
      case .damaged: failures += 1
      }
    }
    isAtEnd = true
    return false
  }

  private static func name(of stream: UnsafeMutablePointer<AVStream>) -> String {
    let parameters = stream.pointee.codecpar.pointee
    let kind = av_get_media_type_string(parameters.codec_type).map { String(cString: $0) } ?? "unknown"
    return "\(kind) (\(String(cString: avcodec_get_name(parameters.codec_id))))"
  }
}
