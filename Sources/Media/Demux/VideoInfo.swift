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

/// A video track of a container, as far as its header describes it.
public struct VideoTrack: Sendable, Hashable, Codable {
  /// Position among all streams of the container, from 0.
  public var stream: Int
  /// FFmpeg's name.
  public var codec: String
  public var codedWidth: Int
  public var codedHeight: Int

  init(_ stream: UnsafeMutablePointer<AVStream>) {
    let parameters = stream.pointee.codecpar.pointee
    self.stream = Int(stream.pointee.index)
    codec = String(cString: avcodec_get_name(parameters.codec_id))
    (codedWidth, codedHeight) = (Int(parameters.width), Int(parameters.height))
  }

  /// The tracks of a file that a player could show; first the one that players show unless they are asked for another.
  ///
  /// - Parameter descriptor: of a regular file, open for reading; stays the caller's.
  public static func all(in descriptor: CInt, limits: DecodeLimits = DecodeLimits())
    throws(MediaError) -> [VideoTrack]
  {
    try Demuxer(descriptor: descriptor, limits: limits, scope: .video).videoTracks
  }
}

/// Which streams of a container are its video.
enum VideoStreamChoice {
  /// The video streams, the first of those that are marked as default before all others. Cover art and thumbnails are no
  /// video.
  static func streams(of context: UnsafeMutablePointer<AVFormatContext>) -> [UnsafeMutablePointer<
    AVStream
  >] {
    let videos = (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
      .filter(isVideo)
    guard let main = videos.first(where: { $0.pointee.disposition & AV_DISPOSITION_DEFAULT != 0 })
    else {
      return videos
    }
    return [main] + videos.filter { $0 != main }
  }

  /// - Parameter track: position of the stream; nil for the first that players show.
  static func stream(
    of context: UnsafeMutablePointer<AVFormatContext>, _ limits: DecodeLimits, track: Int?
  ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
    let count = Int(context.pointee.nb_streams)
    guard count <= limits.maxStreams else {
      throw .limit(what: "\(count) streams in the container; \(limits.maxStreams) are allowed")
    }
    let videos = streams(of: context)
    guard
      let chosen = track.map({ track in videos.first { $0.pointee.index == track } })
        ?? videos.first
    else {
      if track != nil { throw .unsupported(what: "a stream that begins in the middle of the file") }
      throw .notVideo(
        what: count == 0 ? "the container has no streams" : "it has sound, text or cover art only")
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
