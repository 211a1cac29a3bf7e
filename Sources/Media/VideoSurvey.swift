/// What the first pass over a file's packets finds out.
struct VideoSurvey {
  let info: VideoInfo
  let index: PacketIndex
  let secondsPerTick: Double
  /// Duration by the packets, in seconds.
  let reachedSeconds: Double
  /// Whether the data ends before the declared duration, or in the middle of a packet.
  let isTruncated: Bool
  /// Seconds that the container declares although no stream lasts as long, at most those of the limit; nil for none.
  let overstatedSeconds: Double?

  /// - Throws: when the file holds no video with at least one frame.
  init(descriptor: CInt, limits: DecodeLimits) throws(MediaError) {
    var demuxer = try Demuxer(descriptor: descriptor, limits: limits, scope: .allStreams)
    let index = try PacketIndex(&demuxer, descriptor: descriptor, limits: limits)
    guard !index.isEncrypted else { throw .encrypted }
    let frames = index.shownFrames()
    guard let first = frames.first, let last = frames.last else {
      throw .truncated(what: "the container holds no picture data")
    }
    let startPTS = index.entries[first].time
    let ticks = index.entries[last].time - startPTS + index.lastDuration
    reachedSeconds = Double(ticks) * demuxer.secondsPerTick
    guard reachedSeconds <= limits.maxSeconds else {
      throw .limit(what: "frames that are said to last \(reachedSeconds.rounded()) s; \(limits.maxSeconds) are allowed")
    }
    isTruncated = index.isDamaged || demuxer.isShort(reachedSeconds: reachedSeconds) || demuxer.isCutOff
    overstatedSeconds = demuxer.overstatedSeconds(reachedSeconds: reachedSeconds).map { min($0, limits.maxSeconds) }
    secondsPerTick = demuxer.secondsPerTick
    info = VideoInfo(demuxer, startPTS: startPTS, frameCount: frames.count, maxSeconds: limits.maxSeconds)
    self.index = index
  }
}
