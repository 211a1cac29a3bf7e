import CFFmpeg

/// Samples frames of one video file, decoding only what they need.
///
/// ```swift
/// let reader = try VideoReader(descriptor: file, limits: DecodeLimits(), mode: .exact)
/// let report = try reader.sample(16) { picture, frame in … }
/// ```
///
/// A first pass over the packets, without decoding, finds the real duration and chooses the frames. The second pass
/// sends the decoder only the groups of pictures that hold wanted frames, has it skip unreferenced frames except the
/// wanted ones, and stops behind the last one. In `exact` mode what comes out is bit for bit what a full decode gives.
public struct VideoReader: ~Copyable {
  public let info: VideoInfo
  let descriptor: CInt
  let limits: DecodeLimits
  private let mode: DecodeMode
  let survey: VideoSurvey

  /// All video tracks of the file that a player could show, the one that players show first.
  public var tracks: [VideoTrack] { survey.tracks }

  /// The track that is read.
  public var track: VideoTrack { survey.track }

  /// Looks at all packets of the video; decodes nothing.
  ///
  /// - Parameters:
  ///   - descriptor: of a regular file, open for reading; stays the caller's and open while this is used.
  ///   - track: position of the video stream among all streams; nil for the one that players show, but the first with
  ///     several frames if that is empty, or a still picture as in motion photos.
  public init(
    descriptor: CInt, limits: DecodeLimits = DecodeLimits(), mode: DecodeMode = .exact,
    track: Int? = nil
  ) throws(MediaError) {
    let survey =
      if let track {
        try VideoSurvey(descriptor: descriptor, limits: limits, track: track)
      } else {
        try VideoSurvey.ofShownTrack(descriptor: descriptor, limits: limits)
      }
    info = survey.info
    self.survey = survey
    self.descriptor = descriptor
    self.limits = limits
    self.mode = mode
  }

  /// Decodes and hands over at most `count` frames, evenly spread over the video, in order of presentation.
  ///
  /// - Parameters:
  ///   - count: at least 1; fewer are delivered when the video has fewer, or some cannot be decoded.
  ///   - body: sees each picture while it is in memory; what it throws ends the sampling.
  /// - Throws: what `body` throws; `MediaError` when the decoder cannot be used. Damage in the video is counted in the
  ///   report.
  public func sample(
    _ count: Int, body: (borrowing DecodedPicture, SampledFrame) throws -> Void
  ) throws -> SampleReport {
    precondition(count >= 1, "cannot sample \(count) frames")
    let plan = SamplePlan(survey.index, count: count, keyframesOnly: mode == .keyframes)
    return try decode(plan, asked: count) { (picture, packet) in try body(picture, self.frame(at: packet)) }
  }

  /// Decodes and hands over frames in order of presentation, each with the position of its packet.
  ///
  /// - Parameter isWanted: says by its time whether a frame is handed over; without it all are.
  /// - Throws: what `body` throws; `MediaError` when the decoder cannot be used.
  public func forEachFrame(
    where isWanted: (_ pts: Int64) -> Bool = { _ in true },
    _ body: (borrowing DecodedPicture, SampledFrame, _ packet: Int) throws -> Void
  ) throws -> SampleReport {
    let shown = survey.index.shownFrames().filter { isWanted(survey.index.entries[$0].time) }
    let plan = SamplePlan(survey.index, wanted: shown)
    return try decode(plan, asked: plan.wanted.count) { (picture, packet) in
      try body(picture, self.frame(at: packet), packet)
    }
  }

  /// What a report says of a packet's frame.
  func frame(at packet: Int) -> SampledFrame {
    let entry = survey.index.entries[packet]
    return SampledFrame(
      pts: entry.time, seconds: Double(entry.time - info.startPTS) * survey.secondsPerTick,
      isKeyFrame: entry.traits.contains(.key))
  }

  /// Decodes the frames of a plan.
  func decode(
    _ plan: SamplePlan, asked: Int, _ body: (borrowing DecodedPicture, _ packet: Int) throws -> Void
  ) throws -> SampleReport {
    // A fresh start reads the same packets again, which a seek to the beginning does not promise for every container.
    let demuxer = try Demuxer(
      descriptor: descriptor, limits: limits, scope: .video, track: track.stream)
    let decoder = try VideoDecoder(
      demuxer.stream, limits: limits, mode: mode, reorderDepth: survey.index.reorderDepth)
    let converter = ColorConverter(survey.traits)
    let report = SampleReport(asked: asked, survey)
    let orientation = Orientation(demuxer.stream)
    var pass = try DecodingPass(
      demuxer: demuxer, decoder: decoder, index: survey.index, plan: plan, report: report)
    var (interlaced, transparent, dynamicRange): (Int, Int, DynamicRange?) = (0, 0, nil)
    var result = try pass.run { (frame, packet) in
      let turned = survey.index.orientation(ofPacket: packet, orientation)
      let picture = DecodedPicture(frame, turned, converter)
      if picture.firstField != nil { interlaced += 1 }
      if picture.isTransparent { transparent += 1 }
      dynamicRange = dynamicRange ?? picture.dynamicRange
      try body(picture, packet)
    }
    if survey.claimsEncryption, result.decodeErrors > 0 || result.missing > 0 { throw MediaError.encrypted }
    (result.interlaced, result.transparent, result.dynamicRange) = (interlaced, transparent, dynamicRange)
    return result
  }
}

/// How frames are decoded.
public enum DecodeMode: String, Sendable, CaseIterable, Codable {
  /// Every sampled frame is bit for bit that of a full decode.
  case exact
  /// The loop filter is skipped: frames differ slightly, more so the farther they are from a key frame.
  case fast
  /// Only key frames are decoded, the nearest to each sample: there may be fewer than asked for.
  case keyframes
}

/// When a sampled frame is shown, and what it was.
public struct SampledFrame: Sendable, Hashable {
  /// Ticks of the video's time base. Where the container has no timestamps, or they jump, they are made up so that
  /// frames follow each other at their own pace.
  public var pts: Int64
  /// Since the first frame of the video.
  public var seconds: Double
  public var isKeyFrame: Bool
}

/// How the sampling of one video went.
public struct SampleReport: Sendable, Hashable, Codable {
  /// Errors that are kept in words.
  private static let mostErrors = 3

  public internal(set) var asked: Int
  /// Frames that were delivered.
  public internal(set) var decoded = 0
  /// Packets that went to the decoder; with frames left out inside of it, decoding cost less than as many frames.
  public internal(set) var packets = 0
  /// Errors that the decoder reported, and the first few in words.
  public internal(set) var decodeErrors = 0
  public internal(set) var firstErrors: [String] = []
  /// Frames that were chosen and did not come out of the decoder.
  public internal(set) var missing = 0
  /// Packets that the container itself calls damaged, and places where it cannot be read.
  public internal(set) var damages: Int
  /// Duration by the container's word, and by its packets.
  public internal(set) var declaredSeconds: Double?
  public internal(set) var reachedSeconds: Double
  /// Seconds in front of the first frame whose frames refer to what is not there.
  public internal(set) var missingSeconds: Double
  /// Frames of the video track that its edit list leaves out, which are not shown and not sampled.
  public internal(set) var framesEditedOut: Int
  /// Whether the track says that it has samples of another codec, too, which are not sampled.
  public internal(set) var hasOtherCodecs: Bool
  /// Whether the container says that the video is encrypted; what was decoded shows that it is not.
  public internal(set) var claimsEncryption: Bool
  /// Evidence that a part of the file is missing, if any.
  public internal(set) var truncation: Truncation?
  /// Seconds that the container declares although none of its streams does or lasts as long.
  public internal(set) var overstatedSeconds: Double?
  /// Decoded frames that were interlaced.
  public internal(set) var interlaced = 0
  /// Decoded frames with transparent parts; their colours alone are looked at.
  public internal(set) var transparent = 0
  /// The high dynamic range that frames had; nil when all were SDR.
  public internal(set) var dynamicRange: DynamicRange?

  /// How a file shows that a part of it is missing.
  public enum Truncation: String, Sendable, Hashable, Codable {
    /// The data ends well before the duration that the file declares.
    case early
    /// The file ends within a packet, or within a part whose length it declares.
    case cut
  }

  public var truncated: Bool { truncation != nil }

  init(asked: Int, _ survey: VideoSurvey) {
    self.asked = asked
    damages = survey.index.damages
    declaredSeconds = survey.declaredSeconds
    reachedSeconds = survey.reachedSeconds
    missingSeconds = survey.missingSeconds
    framesEditedOut = survey.framesEditedOut
    hasOtherCodecs = survey.hasOtherCodecs
    claimsEncryption = survey.claimsEncryption
    truncation = survey.truncation
    overstatedSeconds = survey.overstatedSeconds
  }

  mutating func note(_ error: String) {
    decodeErrors += 1
    if firstErrors.count < Self.mostErrors { firstErrors.append(error) }
  }
}
