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

  private static let formatsWithoutEnd: Set<String> = ["gxf", "mpjpeg"]

  private let input: InputDescriptor
  private let context: UnsafeMutablePointer<AVFormatContext>
  let stream: UnsafeMutablePointer<AVStream>
  private let scope: Scope
  /// What the header declares.
  let declared: DeclaredDuration
  /// Whether the header says that the video is encrypted.
  let claimsEncryption: Bool
  /// Takes apart packets that hold several pictures.
  private let unpacking: PacketFilter?
  /// End of the last packet of any stream read so far, in seconds.
  private(set) var reachedSeconds = 0.0

  /// - Parameters:
  ///   - descriptor: of a regular file; stays the caller's.
  ///   - track: position of the video stream among all streams; nil for the one that players show.
  init(descriptor: CInt, limits: DecodeLimits, scope: Scope, track: Int? = nil) throws(MediaError) {
    let input = try InputDescriptor(descriptor)
    let (context, stream, declared, claimsEncryption) = try Self.open(input, limits, track)
    let unpacking: PacketFilter?
    do throws(MediaError) {
      unpacking = try scope == .others ? nil : PacketFilter(unpacking: stream)
    } catch {
      Self.close(context)
      throw error
    }
    self.input = input
    self.context = context
    self.stream = stream
    self.scope = scope
    self.declared = declared
    self.claimsEncryption = claimsEncryption
    self.unpacking = unpacking
    if scope == .others {
      stream.pointee.discard = AVDISCARD_ALL
    } else if scope == .video || declared.streamSeconds != nil || !declared.isComparable {
      discardOtherStreams()
    }
  }

  deinit { Self.close(context) }

  /// Whether the container itself describes its streams, their fields among it.
  var declaresFields: Bool { ContainerPolicy.describesStreams(format: formatName) }

  var formatName: String { String(cString: context.pointee.iformat.pointee.name) }

  /// Whether timestamps of the format may start over within a file, as those of broadcasts and joined streams do.
  var hasJumpingClock: Bool { isFormatWithJumps || formatName == "flv" || formatName == "live_flv" }

  /// Whether such clocks count modulo a number, and streams are spliced, so that a step far forward is no gap.
  var hasWrappingClock: Bool { isFormatWithJumps && formatName != "ogg" }

  private var isFormatWithJumps: Bool { context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 }

  /// What a tick of the stream's timestamps lasts; microseconds when the container says nothing usable.
  var secondsPerTick: Double { Self.secondsPerTick(of: stream) }

  /// On average, as far as the container or a look at the first frames tells.
  var framesPerSecond: Double? {
    let rates = [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate]
    return rates.first { $0.num > 0 && $0.den > 0 }.map(av_q2d)
  }

  /// FFmpeg's guess for a stream without timestamps, whose average rate counts fields and frames alike.
  var nominalFramesPerSecond: Double? {
    let rate = av_guess_frame_rate(context, stream, nil)
    return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : framesPerSecond
  }

  /// Where the video's clock begins, in seconds, by FFmpeg's look at the first packets; 0 when it is not known.
  var startSeconds: Double { max(0, Double(startMicroseconds) / Double(AV_TIME_BASE)) }

  /// Whether the data ends well before the duration that was declared for it; all packets must have been read.
  ///
  /// Some containers count from zero, others from the first frame: the data is short only if it is by either count.
  ///
  /// - Parameters:
  ///   - spanSeconds: from the video's first packet to its end.
  ///   - endSeconds: the video's end on its own clock.
  func isShort(spanSeconds: Double, endSeconds: Double) -> Bool {
    guard let seconds = declared.seconds else { return false }
    let others = declared.streamSeconds == nil ? [reachedSeconds, reachedSeconds - startSeconds] : []
    return ([spanSeconds, endSeconds] + others).allSatisfy { DeclaredDuration.isClearly($0, below: seconds) }
  }

  /// Seconds that the container declares beyond what any of its streams does or has; nil when it does not.
  ///
  /// - Parameter spanSeconds: duration of the video's own packets.
  func overstatedSeconds(spanSeconds: Double, endSeconds: Double) -> Double? {
    if declared.streamSeconds != nil {
      guard let container = declared.containerSeconds else { return nil }
      let longest = max(spanSeconds, endSeconds, reachedSeconds, declared.longestStreamSeconds ?? 0)
      return DeclaredDuration.isClearly(longest + startSeconds, below: container) ? container : nil
    }
    return isShort(spanSeconds: spanSeconds, endSeconds: endSeconds) ? declared.seconds : nil
  }

  /// What the container's own signs say of the file's end.
  var ending: FileEnding.State { FileEnding(descriptor: input.descriptor).state(format: formatName, context) }

  /// Seconds that the last frame of the stream is shown longer than its packet tells: pages of Ogg tell when a stream
  /// ends, and frames may be repeated by empty packets, which FFmpeg drops.
  func heldSeconds(spanSeconds: Double) -> Double {
    let ticks = stream.pointee.duration
    guard formatName == "ogg", ticks != shim_no_pts(), ending == .whole else { return 0 }
    return max(0, Double(ticks) * secondsPerTick - spanSeconds)
  }

  /// What the index of a movie says of the video's track; nil for other containers.
  var movieTrack: MovieBoxes.Track? {
    guard formatName.hasPrefix("mov,") else { return nil }
    let tracks = MovieBoxes(descriptor: input.descriptor).tracks
    return tracks.count == Int(context.pointee.nb_streams) ? tracks[Int(stream.pointee.index)] : nil
  }

  /// Frames of the video's track that its edit list leaves out.
  func framesEditedOut(of track: MovieBoxes.Track?) -> Int {
    guard let track, track.hasEditList else { return 0 }
    // FFmpeg's index has what the list shows, perhaps twice, and what that refers to.
    var shown: Set<Int64> = []
    for place in 0..<avformat_index_get_entries_count(stream) {
      guard let entry = avformat_index_get_entry(stream, place)?.pointee else { continue }
      if entry.flags & AVINDEX_DISCARD_FRAME == 0 { shown.insert(entry.pos) }
    }
    return max(0, track.samples - shown.count)
  }

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
      // Some demuxers have no other word for the end; some look for a header behind it.
      if code == shim_io_error() || Self.formatsWithoutEnd.contains(formatName), avio_feof(context.pointee.pb) != 0 {
        return .end
      }
      if code < 0 { return .damaged(code: code) }
      noteReach(of: packet.raw.pointee)
      let isVideo = packet.raw.pointee.stream_index == stream.pointee.index
      guard isVideo != (scope == .others) else { continue }
      if let unpacking, !unpacking.apply(to: packet) { continue }
      return .packet
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
  ) throws(MediaError) -> (
    UnsafeMutablePointer<AVFormatContext>, UnsafeMutablePointer<AVStream>, DeclaredDuration, claimsEncryption: Bool
  ) {
    av_log_set_level(AV_LOG_QUIET)
    let context = try openContainer(input, limits)
    do throws(MediaError) {
      let isClaimed = Protection.isClaimed(context, descriptor: input.descriptor)
      // A look into the streams fills in durations that nobody declared.
      var declared = DeclaredDuration(context, descriptor: input.descriptor)
      if needsStreamProbe(context) { try probeStreams(of: context, limits) }
      let stream = try VideoStreamChoice.stream(of: context, limits, track: track)
      declared.choose(stream, of: context)
      if isClaimed, !Protection.showsInErrors(stream) { throw .encrypted }
      return (context, stream, declared, isClaimed)
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
        if name.hasPrefix("mov,") {
          if MovieBoxes(descriptor: input.descriptor).isEncrypted { return .encrypted }
          if let what = BoxOutline(descriptor: input.descriptor).whatIsCutOff { return .truncated(what: what) }
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
    if code == shim_out_of_memory() || code == shim_io_error() {
      throw .failure(of: "looking for the kind of container", code: code) { .notVideo(what: $0) }
    }
    let name = code >= 0 ? format.map { String(cString: $0.pointee.name) } : nil
    let decision = name.map(ContainerPolicy.decision(format:))
    if decision != .allowed, decision != .playlist {
      // FFmpeg recognises streams without a container by their file's name, or by more of them than there may be.
      if let elementary = ElementaryStream(descriptor: input.descriptor)?.format { return elementary }
    }
    guard let format, let name, let decision else { throw .notVideo(what: "no known container") }
    switch decision {
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
