import CFFmpeg

/// What is known of a video before its frames are decoded.
public struct VideoInfo: Sendable, Hashable, Codable {
  /// FFmpeg's names.
  public var container: String
  public var codec: String
  /// Size of the coded pictures, and of the upright pictures with square pixels, as far as the container knows.
  public var codedWidth: Int
  public var codedHeight: Int
  public var displayWidth: Int
  public var displayHeight: Int
  /// Degrees clockwise by which coded pictures are turned to be upright: 0, 90, 180 or 270.
  public var rotation: Int
  /// Seconds per tick of every `pts`, as a fraction.
  public var timeBaseNumerator: Int
  public var timeBaseDenominator: Int
  /// Time of the first frame that is shown, in ticks.
  public var startPTS: Int64
  /// As the container declares it; nil when it does not.
  public var durationSeconds: Double?
  /// Frames a second on average; nil when it is not known.
  public var frameRate: Double?
  /// Frames that can be shown, counted.
  public var frameCount: Int
}

extension VideoInfo {
  /// What the container says, and what was counted.
  ///
  /// - Parameter maxSeconds: a longer duration is no declaration that anybody could believe.
  init(_ demuxer: borrowing Demuxer, startPTS: Int64, frameCount: Int, maxSeconds: Double) {
    let declared = demuxer.declared.seconds
    let stream = demuxer.stream.pointee
    let parameters = stream.codecpar.pointee
    let orientation = Orientation(demuxer.stream)
    let display = orientation.displaySize(codedWidth: Int(parameters.width), codedHeight: Int(parameters.height))
    self.init(
      container: demuxer.formatName, codec: String(cString: avcodec_get_name(parameters.codec_id)),
      codedWidth: Int(parameters.width), codedHeight: Int(parameters.height), displayWidth: display.width,
      displayHeight: display.height, rotation: orientation.rotation, timeBaseNumerator: Int(stream.time_base.num),
      timeBaseDenominator: Int(stream.time_base.den), startPTS: startPTS,
      durationSeconds: declared.flatMap { $0 <= maxSeconds ? $0 : nil },
      frameRate: demuxer.framesPerSecond, frameCount: frameCount)
  }
}

/// Which stream of a container is its video.
enum VideoStreamChoice {
  /// The largest of the video streams that are marked as default, or of all when none is. Cover art is no video.
  static func stream(
    of context: UnsafeMutablePointer<AVFormatContext>, _ limits: DecodeLimits
  ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
    let count = Int(context.pointee.nb_streams)
    guard count <= limits.maxStreams else {
      throw .limit(what: "\(count) streams in the container; \(limits.maxStreams) are allowed")
    }
    let streams = (0..<count).compactMap { context.pointee.streams[$0] }
    let videos = streams.filter(isVideo)
    let marked = videos.filter { $0.pointee.disposition & AV_DISPOSITION_DEFAULT != 0 }
    guard let chosen = (marked.isEmpty ? videos : marked).max(by: { area($0) < area($1) }) else {
      throw .notVideo(what: streams.isEmpty ? "the container has no streams" : "it has sound, text or cover art only")
    }
    guard area(chosen) <= limits.maxPixels else {
      let parameters = chosen.pointee.codecpar.pointee
      throw .limit(what: "frames of \(parameters.width)×\(parameters.height); \(limits.maxPixels) pixels are allowed")
    }
    return chosen
  }

  private static func isVideo(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
    stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
      && stream.pointee.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS) == 0
  }

  private static func area(_ stream: UnsafeMutablePointer<AVStream>) -> Int {
    Int(stream.pointee.codecpar.pointee.width) * Int(stream.pointee.codecpar.pointee.height)
  }
}
