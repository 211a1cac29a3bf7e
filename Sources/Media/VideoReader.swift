import CFFmpeg

/// Samples frames of one video file, decoding only what they need.
///
/// ```swift
/// var reader = try VideoReader(descriptor: file, limits: DecodeLimits(), mode: .exact)
/// let report = try reader.sample(16) { picture, frame in … }
/// ```
///
/// A first pass over the packets, without decoding, finds the real duration and chooses the frames. The second pass
/// sends the decoder only the groups of pictures that hold wanted frames, has it skip unreferenced frames except the
/// wanted ones, and stops behind the last one. In `exact` mode what comes out is bit for bit what a full decode gives.
public struct VideoReader: ~Copyable {
  public let info: VideoInfo
  private let index: PacketIndex
  private let orientation: Orientation
  private var demuxer: Demuxer
  private var decoder: VideoDecoder
  private let mode: DecodeMode

  /// - Parameter descriptor: of a regular file, open for reading; stays the caller's.
  /// - Throws: `MediaError` when nothing in the file can be decoded.
  public init(descriptor: CInt, limits: DecodeLimits = DecodeLimits(), mode: DecodeMode = .exact) throws(MediaError) {
    var scout = try Demuxer(descriptor: descriptor, limits: limits)
    let index = try PacketIndex(&scout)
    guard !index.isEncrypted else { throw .encrypted }
    guard !index.entries.isEmpty else { throw .incomplete(what: "the container holds no picture data") }
    // A fresh start reads the same packets again, which a seek to the beginning does not promise for every container.
    let demuxer = try Demuxer(descriptor: descriptor, limits: limits)
    let decoder = try VideoDecoder(demuxer.stream, limits: limits, mode: mode)
    let orientation = Orientation(demuxer.stream)
    info = VideoInfo(demuxer, orientation)
    self.index = index
    self.orientation = orientation
    self.demuxer = demuxer
    self.decoder = decoder
    self.mode = mode
  }

  /// Decodes and hands over at most `count` frames, evenly spread over the video, in order of presentation.
  ///
  /// - Parameter body: sees each picture while it is in memory; what it throws ends the sampling.
  /// - Throws: what `body` throws; damage in the video is counted in the report.
  public mutating func sample(
    _ count: Int, body: (borrowing DecodedPicture, SampledFrame) throws -> Void
  ) throws -> SampleReport {
    let plan = SamplePlan(index, count: count, keyframesOnly: mode == .keyframes)
    var report = SampleReport(asked: count, declaredSeconds: info.durationSeconds)
    let timeBase = av_q2d(demuxer.stream.pointee.time_base)
    let rate = info.frameRate ?? 25
    report.reachedSeconds =
      index.isTimed ? Double(index.spanTicks) * timeBase : Double(index.entries.count) / rate
    report.truncated = index.isDamaged || isShort(report)

    let firstTime = index.entries.lazy.filter(\.isShown).map(\.pts).min() ?? 0
    var collector = FrameCollector(plan: plan, isTimed: index.isTimed)
    let packet = try Packet()
    let buffer = try PictureBuffer()
    var position = -1
    for run in plan.runs where !collector.isComplete {
      decoder.restart()
      while position + 1 < run.upperBound, !collector.isComplete {
        guard case .packet = demuxer.read(into: packet) else {
          // The first pass has noted the damage and knows how many packets follow it.
          if position + 1 >= index.entries.count { break }
          collector.failedReads += 1
          if collector.failedReads > 32 { break }
          continue
        }
        if packet.raw.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 { continue }
        position += 1
        guard position >= run.lowerBound else { continue }
        decoder.setDropsDisposable(plan.mayDropFrames && !collector.wants(packet.raw.pointee.pts))
        let code = decoder.send(packet.raw)
        if code < 0, code != shim_again() { report.note(errorText(code)) }
        try receive(into: buffer, &collector, &report, firstTime: firstTime, timeBase: timeBase, rate: rate, body)
      }
      _ = decoder.send(nil)
      try receive(into: buffer, &collector, &report, firstTime: firstTime, timeBase: timeBase, rate: rate, body)
    }
    report.decoded = collector.delivered
    return report
  }

  /// Takes all frames that the decoder has ready.
  private mutating func receive(
    into buffer: borrowing PictureBuffer, _ collector: inout FrameCollector, _ report: inout SampleReport,
    firstTime: Int64, timeBase: Double, rate: Double, _ body: (borrowing DecodedPicture, SampledFrame) throws -> Void
  ) throws {
    while true {
      switch decoder.receive(into: buffer) {
      case .needsPacket, .endOfStream: return
      case .failed(let code):
        report.note(errorText(code))
        if code == shim_out_of_memory() { throw MediaError.limit(what: "memory, while frames were decoded") }
        return
      case .frame:
        let frame = buffer.raw
        if frame.pointee.decode_error_flags != 0 || frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 {
          report.note("a damaged frame")
        }
        guard let number = collector.take(frame.pointee.pts) else { continue }
        let pts = index.isTimed ? frame.pointee.pts : Int64(number)
        let seconds = index.isTimed ? Double(pts - firstTime) * timeBase : Double(number) / rate
        try body(DecodedPicture(frame, orientation), SampledFrame(pts: pts, seconds: seconds))
      }
    }
  }

  /// Two per cent and half a second are left for containers that round, or count the sound's end.
  private func isShort(_ report: SampleReport) -> Bool {
    guard let declared = report.declaredSeconds else { return false }
    return report.reachedSeconds < declared * 0.98 - 0.5
  }
}

/// Tells wanted frames from the others as they come out of the decoder.
private struct FrameCollector {
  private let isTimed: Bool
  private var remaining: Set<Int64>
  private var framesSeen = 0
  private(set) var delivered = 0
  var failedReads = 0

  init(plan: SamplePlan, isTimed: Bool) {
    self.isTimed = isTimed
    remaining = Set(plan.wanted)
  }

  var isComplete: Bool { remaining.isEmpty }

  func wants(_ pts: Int64) -> Bool { remaining.contains(pts) }

  /// - Returns: the number of the frame among those that were decoded when it is wanted.
  mutating func take(_ pts: Int64) -> Int? {
    defer { framesSeen += 1 }
    guard remaining.remove(isTimed ? pts : Int64(framesSeen)) != nil else { return nil }
    delivered += 1
    return framesSeen
  }
}

extension VideoInfo {
  fileprivate init(_ demuxer: borrowing Demuxer, _ orientation: Orientation) {
    let stream = demuxer.stream.pointee
    let parameters = stream.codecpar.pointee
    let display = orientation.displaySize(codedWidth: Int(parameters.width), codedHeight: Int(parameters.height))
    let rate = stream.avg_frame_rate
    self.init(
      container: demuxer.containerName, codec: String(cString: avcodec_get_name(parameters.codec_id)),
      codedWidth: Int(parameters.width), codedHeight: Int(parameters.height), displayWidth: display.width,
      displayHeight: display.height, timeBaseNumerator: Int(stream.time_base.num),
      timeBaseDenominator: Int(stream.time_base.den), durationSeconds: demuxer.declaredSeconds,
      frameRate: rate.num > 0 && rate.den > 0 ? av_q2d(rate) : nil)
  }
}
