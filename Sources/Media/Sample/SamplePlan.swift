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
  /// Evidence that a part of the file is missing, if any.
  let truncation: SampleReport.Truncation?
  /// Seconds between the first packet and the first frame that can be decoded.
  let missingSeconds: Double
  /// Frames that an edit list leaves out.
  let framesEditedOut: Int
  /// Whether the track says that it has samples of other codecs, too.
  let hasOtherCodecs: Bool
  /// Whether the container says that the video is encrypted.
  let claimsEncryption: Bool
  /// Duration that the container declares, in seconds, at most that of the limit; nil when it does not.
  let declaredSeconds: Double?
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
    var demuxer = try Demuxer(descriptor: descriptor, limits: limits, scope: .allStreams, track: track)
    var index = try PacketIndex(&demuxer, descriptor: descriptor, limits: limits)
    claimsEncryption = demuxer.claimsEncryption || index.isEncrypted
    if claimsEncryption, !Protection.showsInErrors(demuxer.stream) { throw .encrypted }
    let frames = index.shownFrames()
    guard let first = frames.first, let last = frames.last else {
      if claimsEncryption { throw .encrypted }
      if demuxer.formatName == "mpegts", Protection.isScrambled(descriptor: descriptor) { throw .encrypted }
      throw .noPictures
    }
    let tick = demuxer.secondsPerTick
    let startPTS = index.entries[first].time
    let span = index.entries[last].time - startPTS
    let held = demuxer.heldSeconds(spanSeconds: Double(span + index.lastDuration) * tick)
    if held > 0 { index.holdLastFrame(for: Int64(min(held, limits.maxSeconds) / tick)) }
    reachedSeconds = Double(span + index.lastDuration) * tick
    guard reachedSeconds <= limits.maxSeconds else {
      throw .limit(what: "frames that are said to last \(reachedSeconds.rounded()) s; \(limits.maxSeconds) are allowed")
    }
    missingSeconds = Double(index.ticksMissing(before: first)) * tick
    let movieTrack = demuxer.movieTrack
    framesEditedOut = demuxer.framesEditedOut(of: movieTrack)
    // FFmpeg reads the samples of one type of entry.
    hasOtherCodecs = Set(movieTrack?.entries ?? []).count > 1
    let spanSeconds = reachedSeconds + missingSeconds
    let endSeconds = Double(index.entries[last].time + index.lastDuration) * tick
    let isShort = demuxer.isShort(spanSeconds: spanSeconds, endSeconds: endSeconds)
    declaredSeconds = demuxer.declared.seconds.map { min($0, limits.maxSeconds) }
    switch demuxer.ending {
    case .cut: truncation = isShort ? .early : .cut
    case .whole: truncation = index.endsDamaged ? .cut : nil
    case .unknown: truncation = isShort ? .early : index.endsDamaged ? .cut : nil
    }
    overstatedSeconds =
      truncation == nil
      ? demuxer.overstatedSeconds(spanSeconds: spanSeconds, endSeconds: endSeconds).map { min($0, limits.maxSeconds) }
      : nil
    secondsPerTick = tick
    info = VideoInfo(demuxer, startPTS: startPTS, frameCount: frames.count, maxSeconds: limits.maxSeconds)
    traits = StreamTraits(demuxer.stream, declaresFields: demuxer.declaresFields)
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
