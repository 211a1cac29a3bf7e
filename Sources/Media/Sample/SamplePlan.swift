/// Which frames of a video are wanted and which packets have to be decoded for them.
struct SamplePlan {
  /// Packets of the wanted frames, in order of presentation.
  let wanted: [Int]
  /// Packets, in decoding order, that go to the decoder: runs between which it starts afresh.
  let runs: [Range<Int>]

  /// Packets that a jump has to save before it is worth emptying the decoder.
  private static let leastJump = 4

  /// - Parameters:
  ///   - count: frames to sample, at least 1.
  ///   - keyframesOnly: whether only key frames count.
  init(_ index: PacketIndex, count: Int, keyframesOnly: Bool) {
    var frames = index.shownFrames()
    if keyframesOnly {
      frames.removeAll { !index.entries[$0].traits.contains(.key) }
      wanted = SampleChoice(index, frames: frames, count: count).nearest()
      runs = wanted.sorted().map { $0..<index.endOfFrame($0) }
    } else {
      wanted = SampleChoice(index, frames: frames, count: count).cheapest()
      runs = Self.runs(for: wanted, in: index)
    }
  }

  /// - Parameters:
  ///   - wanted: packets of the wanted frames, in order of presentation.
  ///   - keyframesOnly: whether all of them are key frames, each decoded alone.
  init(_ index: PacketIndex, wanted: [Int], keyframesOnly: Bool = false) {
    self.wanted = wanted
    runs =
      keyframesOnly
      ? wanted.sorted().map { $0..<index.endOfFrame($0) } : Self.runs(for: wanted, in: index)
  }

  /// For each wanted packet all packets from the start of its group; near runs are joined.
  private static func runs(for wanted: [Int], in index: PacketIndex) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for packet in wanted.sorted() {
      let run = index.start(for: packet)..<index.endOfFrame(packet)
      if let last = runs.last, run.lowerBound < last.upperBound + leastJump {
        runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, run.upperBound)
      } else {
        runs.append(run)
      }
    }
    return runs
  }
}

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
  let traits: StreamTraits
  /// All video tracks of the file, and the one of this survey.
  let tracks: [VideoTrack]
  let track: VideoTrack

  /// - Throws: when the file holds no video with at least one frame.
  ///
  /// - Parameter track: position of the video stream; nil for the one that players show.
  init(descriptor: CInt, limits: DecodeLimits, track: Int?) throws(MediaError) {
    var demuxer = try Demuxer(
      descriptor: descriptor, limits: limits, scope: .allStreams, track: track)
    let index = try PacketIndex(&demuxer, descriptor: descriptor, limits: limits)
    guard !index.isEncrypted else { throw .encrypted }
    let frames = index.shownFrames()
    guard let first = frames.first, let last = frames.last else {
      throw .noPictures
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
    info = VideoInfo(
      demuxer, startPTS: startPTS, frameCount: frames.count, maxSeconds: limits.maxSeconds)
    traits = StreamTraits(demuxer.stream)
    tracks = demuxer.videoTracks
    self.track = VideoTrack(demuxer.stream)
    self.index = index
  }
}

extension VideoSurvey {
  /// The survey of the track that players show; of the first with several frames if that is empty or a still picture.
  static func ofShownTrack(descriptor: CInt, limits: DecodeLimits) throws(MediaError) -> VideoSurvey {
    var shown: VideoSurvey?
    var tracks: [VideoTrack] = []
    do throws(MediaError) {
      let survey = try VideoSurvey(descriptor: descriptor, limits: limits, track: nil)
      guard survey.info.frameCount == 1, survey.tracks.count > 1 else { return survey }
      (shown, tracks) = (survey, survey.tracks)
    } catch {
      guard error == .noPictures else { throw error }
      tracks = try VideoTrack.all(in: descriptor, limits: limits)
    }
    for other in tracks.dropFirst() {
      // A track that cannot be read is no better.
      guard
        let survey = try? VideoSurvey(descriptor: descriptor, limits: limits, track: other.stream)
      else { continue }
      if survey.info.frameCount > 1 { return survey }
      shown = shown ?? survey
    }
    guard let shown else { throw .noPictures }
    return shown
  }
}
