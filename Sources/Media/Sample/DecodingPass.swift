import CFFmpeg

/// The second pass over a file: decodes the runs of a plan and picks the wanted frames.
struct DecodingPass: ~Copyable {
  private var demuxer: Demuxer
  private var decoder: VideoDecoder
  private let index: PacketIndex
  private let plan: SamplePlan
  /// Packets of wanted frames that have not come out of the decoder.
  private var awaited: Set<Int>
  private var report: SampleReport
  private let packet: Packet
  private let buffer: PictureBuffer
  /// Packets that were read.
  private var position = 0

  init(
    demuxer: consuming Demuxer, decoder: consuming VideoDecoder, index: PacketIndex, plan: SamplePlan,
    report: SampleReport
  ) throws(MediaError) {
    let packet = try Packet()
    let buffer = try PictureBuffer()
    self.packet = packet
    self.buffer = buffer
    self.demuxer = demuxer
    self.decoder = decoder
    self.index = index
    self.plan = plan
    self.report = report
    awaited = Set(plan.wanted)
  }

  /// - Parameter body: gets each wanted frame and the position of its packet.
  mutating func run(_ body: (UnsafeMutablePointer<AVFrame>, Int) throws -> Void) throws -> SampleReport {
    for run in plan.runs where !awaited.isEmpty {
      decoder.restart()
      try decode(run, body)
    }
    report.missing = awaited.count
    return report
  }

  private mutating func decode(
    _ run: Range<Int>, _ body: (UnsafeMutablePointer<AVFrame>, Int) throws -> Void
  ) throws {
    var isWanted = false
    while position < run.upperBound, readPacket() {
      let current = position
      position += 1
      guard current >= run.lowerBound else { continue }
      // The second field of a frame goes the way of the first.
      if !index.entries[current].traits.contains(.continuation) {
        isWanted = awaited.contains(current) || !index.mayLeaveOut(current)
      }
      packet.raw.pointee.pts = Int64(current)
      packet.raw.pointee.dts = shim_no_pts()
      report.packets += 1
      note(decoder.send(packet, isWanted: isWanted))
      try receive(body)
    }
    decoder.sendEnd()
    try receive(body)
  }

  /// Reads the next packet; the first pass has noted any damage and knows how many packets follow it.
  private mutating func readPacket() -> Bool {
    for _ in 0..<PacketScan.mostFailures {
      switch demuxer.read(into: packet) {
      case .packet: return true
      case .end: return false
      case .damaged: continue
      }
    }
    return false
  }

  /// Takes all frames that the decoder has ready.
  private mutating func receive(_ body: (UnsafeMutablePointer<AVFrame>, Int) throws -> Void) throws {
    while true {
      switch decoder.receive(into: buffer) {
      case .needsPacket, .endOfStream: return
      case .failed(let code):
        note(code)
        if code == shim_out_of_memory() { throw MediaError.limit(what: "not enough memory, decoding frames") }
        return
      case .frame:
        let frame = buffer.raw
        if frame.pointee.decode_error_flags != 0 || frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 {
          report.note("a damaged frame")
        }
        let source = Int(frame.pointee.pts)
        guard awaited.remove(source) != nil else { continue }
        report.decoded += 1
        try body(frame, source)
      }
    }
  }

  private mutating func note(_ code: CInt) {
    if code < 0, code != shim_again() { report.note(errorText(code)) }
  }
}
