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
  private let descriptor: CInt
  private let limits: DecodeLimits
  private let mode: DecodeMode
  private let survey: VideoSurvey

  /// Looks at all packets of the video; decodes nothing.
  ///
  /// - Parameter descriptor: of a regular file, open for reading; stays the caller's and open while this is used.
  public init(descriptor: CInt, limits: DecodeLimits = DecodeLimits(), mode: DecodeMode = .exact) throws(MediaError) {
    let survey = try VideoSurvey(descriptor: descriptor, limits: limits)
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
    // A fresh start reads the same packets again, which a seek to the beginning does not promise for every container.
    let demuxer = try Demuxer(descriptor: descriptor, limits: limits, scope: .video)
    let secondsPerTick = demuxer.secondsPerTick
    let decoder = try VideoDecoder(
      demuxer.stream, limits: limits, mode: mode, reorderDepth: survey.index.reorderDepth)
    let converter = ColorConverter()
    let report = SampleReport(
      asked: count, declaredSeconds: info.durationSeconds, reachedSeconds: survey.reachedSeconds,
      truncated: survey.isTruncated)
    let orientation = Orientation(demuxer.stream)
    var pass = try DecodingPass(demuxer: demuxer, decoder: decoder, index: survey.index, plan: plan, report: report)
    let (index, startPTS) = (survey.index, info.startPTS)
    return try pass.run { (frame, packet) in
      let entry = index.entries[packet]
      try body(
        DecodedPicture(frame, orientation, converter),
        SampledFrame(
          pts: entry.time, seconds: Double(entry.time - startPTS) * secondsPerTick,
          isKeyFrame: entry.traits.contains(.key)))
    }
  }
}
