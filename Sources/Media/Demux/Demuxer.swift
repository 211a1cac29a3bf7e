import CFFmpeg

/// Owns one opened container and reads the packets of its video stream, or of all others.
struct Demuxer: ~Copyable {
  /// What is read of the streams beside the video: nothing, or how far they reach, where the video's own duration is
  /// not declared; or their packets instead of the video's.
  enum Scope { case video, allStreams, others }

  enum Receipt {
    case packet
    case end
    /// The container is damaged here; what follows may still be readable.
    case damaged(code: CInt)
  }

  private let input: InputDescriptor
  private let context: UnsafeMutablePointer<AVFormatContext>
  let stream: UnsafeMutablePointer<AVStream>
  private let scope: Scope
  /// End of the last packet of any stream read so far, in seconds.
  private(set) var reachedSeconds = 0.0

  /// - Parameters:
  ///   - descriptor: of a regular file; stays the caller's.
  ///   - track: position of the video stream among all streams; nil for the one that players show.
  init(descriptor: CInt, limits: DecodeLimits, scope: Scope, track: Int? = nil) throws(MediaError) {
    let input = try InputDescriptor(descriptor)
    let (context, stream) = try Self.open(input, limits, track)
    self.input = input
    self.context = context
    self.stream = stream
    self.scope = scope
    if scope == .others {
      stream.pointee.discard = AVDISCARD_ALL
    } else if scope == .video || declaredStreamSeconds != nil {
      discardOtherStreams()
    }
  }

  deinit { Self.close(context) }

  var formatName: String { String(cString: context.pointee.iformat.pointee.name) }

  /// Whether timestamps of the format may start over within a file, as those of broadcasts do.
  var hasJumpingClock: Bool { context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 }

  /// What a tick of the stream's timestamps lasts; microseconds when the container says nothing usable.
  var secondsPerTick: Double { Self.secondsPerTick(of: stream) }

  /// On average, as far as the container or a look at the first frames tells.
  var framesPerSecond: Double? {
    let rates = [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate]
    return rates.first { $0.num > 0 && $0.den > 0 }.map(av_q2d)
  }

  /// Seconds that the stream itself declares; nil when it does not.
  var declaredStreamSeconds: Double? {
    let ticks = stream.pointee.duration
    return ticks != shim_no_pts() && ticks > 0 ? Double(ticks) * secondsPerTick : nil
  }

  /// Seconds that the container declares for its longest stream; nil when it does not.
  var declaredContainerSeconds: Double? {
    let total = context.pointee.duration
    return total != shim_no_pts() && total > 0 ? Double(total) / Double(AV_TIME_BASE) : nil
  }

  /// Whether the data ends well before the duration that was declared for it; all packets must have been read.
  ///
  /// - Parameter reachedSeconds: duration of the video's own packets.
  func isShort(reachedSeconds: Double) -> Bool {
    // Containers round, or count to the sound's end: two per cent and half a second are left to them.
    func isShort(_ reached: Double, of declared: Double?) -> Bool {
      declared.map { reached < $0 * 0.98 - 0.5 } ?? false
    }
    if let declared = declaredStreamSeconds { return isShort(reachedSeconds, of: declared) }
    return isShort(self.reachedSeconds, of: declaredContainerSeconds)
  }

  /// Seconds that the container declares beyond what any of its streams does or has; nil when it does not.
  ///
  /// - Parameter reachedSeconds: duration of the video's own packets.
  func overstatedSeconds(reachedSeconds: Double) -> Double? {
    guard let declared = declaredContainerSeconds else { return nil }
    let streams = otherStreams.filter { $0.pointee.duration != shim_no_pts() }.map {
      Double($0.pointee.duration) * Self.secondsPerTick(of: $0)
    }
    let longest = max(reachedSeconds, self.reachedSeconds, declaredStreamSeconds ?? 0, streams.max() ?? 0)
    // Times that begin late count to the container's duration in some formats.
    let start = max(0, Double(startMicroseconds) / Double(AV_TIME_BASE))
    return longest + start < declared * 0.98 - 0.5 ? declared : nil
  }

  /// Whether the file breaks off, by its container's own signs.
  var isCutOff: Bool { FileEnding(descriptor: input.descriptor).isMissing(format: formatName, context) }

  /// All video streams that a player could show, the one that players show first.
  var videoTracks: [VideoTrack] { VideoStreamChoice.streams(of: context).map(VideoTrack.init) }

  /// The streams beside the video.
  var otherStreams: [UnsafeMutablePointer<AVStream>] {
    (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }.filter { $0 != stream }
  }

  /// Where the container's clock begins, in microseconds.
  var startMicroseconds: Int64 {
    context.pointee.start_time == shim_no_pts() ? 0 : context.pointee.start_time
  }

  /// What the container says of itself: a dictionary of FFmpeg's.
  var metadata: OpaquePointer? { context.pointee.metadata }

  /// Reads the next packet of the video stream, or of the others, into `packet`, whose old content is released.
  mutating func read(into packet: borrowing Packet) -> Receipt {
    while true {
      av_packet_unref(packet.raw)
      let code = av_read_frame(context, packet.raw)
      if code == shim_eof() { return .end }
      if code == shim_again() { continue }
      if code < 0 { return .damaged(code: code) }
      noteReach(of: packet.raw.pointee)
      if (packet.raw.pointee.stream_index == stream.pointee.index) != (scope == .others) { return .packet }
    }
  }

  private mutating func noteReach(of packet: AVPacket) {
    let time = packet.pts != shim_no_pts() ? packet.pts : packet.dts
    guard time != shim_no_pts(), let stream = context.pointee.streams[Int(packet.stream_index)] else { return }
    reachedSeconds = max(
      reachedSeconds, (Double(time) + Double(max(packet.duration, 0))) * Self.secondsPerTick(of: stream))
  }

  private static func secondsPerTick(of stream: UnsafeMutablePointer<AVStream>) -> Double {
    let base = stream.pointee.time_base
    return base.num > 0 && base.den > 0 ? av_q2d(base) : 1e-6
  }

  /// The demuxer then skips their packets, in many containers without reading them.
  private func discardOtherStreams() {
    for index in 0..<Int(context.pointee.nb_streams) {
      guard let other = context.pointee.streams[index], other != stream else { continue }
      other.pointee.discard = AVDISCARD_ALL
    }
  }
}

// MARK: - Opening

extension Demuxer {
  private static func open(
    _ input: borrowing InputDescriptor, _ limits: DecodeLimits, _ track: Int?
  ) throws(MediaError) -> (UnsafeMutablePointer<AVFormatContext>, UnsafeMutablePointer<AVStream>) {
    av_log_set_level(AV_LOG_QUIET)
    let context = try openContainer(input, limits)
    do throws(MediaError) {
      if needsStreamProbe(context) { try probeStreams(of: context, limits) }
      return (context, try VideoStreamChoice.stream(of: context, limits, track: track))
    } catch {
      close(context)
      throw error
    }
  }

  private static func openContainer(
    _ input: borrowing InputDescriptor, _ limits: DecodeLimits
  ) throws(MediaError) -> UnsafeMutablePointer<AVFormatContext> {
    let format = try allowedFormat(of: input)
    guard let context = avformat_alloc_context() else {
      throw .ffmpeg(call: "avformat_alloc_context", code: shim_out_of_memory())
    }
    context.pointee.pb = input.context
    context.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
    context.pointee.max_streams = CInt(limits.maxStreams)
    shim_refuse_other_files(context)
    var opened: UnsafeMutablePointer<AVFormatContext>? = context
    // On failure the context is freed by the call; the custom input stays ours.
    let code = avformat_open_input(&opened, "", format, nil)
    guard code >= 0, let opened else {
      let name = String(cString: format.pointee.name)
      throw .failure(of: "opening the container", code: code) {
        if name.hasPrefix("mov,"), let what = BoxOutline(descriptor: input.descriptor).whatIsCutOff {
          return .truncated(what: what)
        }
        return .damaged(what: "the \(name) container has no usable header or index (\($0))")
      }
    }
    return opened
  }

  /// The demuxer that FFmpeg would take for the file, if it may touch it.
  private static func allowedFormat(
    of input: borrowing InputDescriptor
  ) throws(MediaError) -> UnsafePointer<AVInputFormat> {
    var format: UnsafePointer<AVInputFormat>?
    let code = av_probe_input_buffer2(input.context, &format, "", nil, 0, 0)
    guard code >= 0, let format else {
      throw .failure(of: "looking for the kind of container", code: code) { _ in .notVideo(what: "no known container") }
    }
    let name = String(cString: format.pointee.name)
    switch ContainerPolicy.decision(format: name) {
    case .allowed: return format
    case .playlist: throw .playlist(format: name)
    case .notVideo: throw .notVideo(what: "a file of the kind \(name)")
    case .unsupported: throw .unsupported(what: "the container \(name)")
    }
  }

  /// Whether streams have to be decoded a little to know what they are.
  private static func needsStreamProbe(_ context: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    guard ContainerPolicy.describesStreams(format: String(cString: context.pointee.iformat.pointee.name)) else {
      return true
    }
    for index in 0..<Int(context.pointee.nb_streams) {
      guard let parameters = context.pointee.streams[index]?.pointee.codecpar?.pointee else { continue }
      if parameters.codec_type == AVMEDIA_TYPE_VIDEO, parameters.codec_id == AV_CODEC_ID_NONE || parameters.width == 0 {
        return true
      }
    }
    return context.pointee.nb_streams == 0
  }

  private static func probeStreams(
    of context: UnsafeMutablePointer<AVFormatContext>, _ limits: DecodeLimits
  ) throws(MediaError) {
    var options = [OpaquePointer?](repeating: nil, count: Int(context.pointee.nb_streams))
    for index in options.indices { av_dict_set_int(&options[index], "max_pixels", Int64(limits.maxPixels), 0) }
    let code = options.isEmpty ? avformat_find_stream_info(context, nil) : avformat_find_stream_info(context, &options)
    for index in options.indices { av_dict_free(&options[index]) }
    guard code >= 0 else {
      throw .failure(of: "probing the streams", code: code) { .damaged(what: "no stream can be read (\($0))") }
    }
  }

  private static func close(_ context: UnsafeMutablePointer<AVFormatContext>) {
    var owned: UnsafeMutablePointer<AVFormatContext>? = context
    avformat_close_input(&owned)
  }
}
