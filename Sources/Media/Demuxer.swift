import CFFmpeg

/// Owns one opened container and reads the packets of its video stream; all other streams are discarded.
struct Demuxer: ~Copyable {
  private let input: InputDescriptor
  private let context: UnsafeMutablePointer<AVFormatContext>
  let stream: UnsafeMutablePointer<AVStream>

  /// - Parameter descriptor: of a regular file; stays the caller's.
  init(descriptor: CInt, limits: DecodeLimits) throws(MediaError) {
    let input = try InputDescriptor(descriptor)
    let context = try Self.open(input, limits)
    do throws(MediaError) {
      stream = try Self.videoStream(of: context, limits)
    } catch {
      Self.close(context)
      throw error
    }
    self.input = input
    self.context = context
  }

  deinit { Self.close(context) }

  var containerName: String { String(cString: context.pointee.iformat.pointee.name) }

  /// Seconds by the stream's or the container's word; nil when neither has one.
  var declaredSeconds: Double? {
    let timeBase = stream.pointee.time_base
    let ticks = stream.pointee.duration
    if ticks != shim_no_pts(), ticks > 0 { return Double(ticks) * av_q2d(timeBase) }
    let total = context.pointee.duration
    return total != shim_no_pts() && total > 0 ? Double(total) / Double(shim_time_base()) : nil
  }

  enum Receipt {
    case packet
    case end
    /// The container is damaged here; what follows may still be readable.
    case damaged(code: CInt)
  }

  /// Reads the next packet of the video stream into `packet`, whose old content is released.
  mutating func read(into packet: borrowing Packet) -> Receipt {
    while true {
      av_packet_unref(packet.raw)
      let code = av_read_frame(context, packet.raw)
      if code == shim_eof() { return .end }
      if code == shim_again() { continue }
      if code < 0 { return .damaged(code: code) }
      if packet.raw.pointee.stream_index == stream.pointee.index { return .packet }
    }
  }

  private static func open(
    _ input: borrowing InputDescriptor, _ limits: DecodeLimits
  ) throws(MediaError) -> UnsafeMutablePointer<AVFormatContext> {
    av_log_set_level(AV_LOG_QUIET)
    var format: UnsafePointer<AVInputFormat>?
    let probed = av_probe_input_buffer2(input.context, &format, "", nil, 0, 0)
    guard probed >= 0, let format else {
      if probed == shim_io_error() { throw .ffmpeg(call: "reading the file", code: probed) }
      throw .notVideo(what: "no known container")
    }
    let name = String(cString: format.pointee.name)
    switch ContainerPolicy.decision(format: name) {
    case .allowed: break
    case .playlist: throw .playlist(format: name)
    case .notVideo: throw .notVideo(what: "a file of the kind \(name)")
    case .unsupported: throw .unsupported(what: "the container \(name)")
    }
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
      if code == shim_out_of_memory() { throw .limit(what: "memory, while the container was opened") }
      if code == shim_io_error() { throw .ffmpeg(call: "reading the file", code: code) }
      throw .incomplete(what: "the \(name) container has no usable index (\(errorText(code)))")
    }
    return opened
  }

  private static func close(_ context: UnsafeMutablePointer<AVFormatContext>) {
    var owned: UnsafeMutablePointer<AVFormatContext>? = context
    avformat_close_input(&owned)
  }

  /// Picks the default video stream (else the largest) and discards all others.
  private static func videoStream(
    of context: UnsafeMutablePointer<AVFormatContext>, _ limits: DecodeLimits
  ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
    if needsStreamProbe(context) {
      let code = avformat_find_stream_info(context, nil)
      if code == shim_out_of_memory() { throw .limit(what: "memory, while the streams were probed") }
      guard code >= 0 else { throw .incomplete(what: "no stream can be read (\(errorText(code)))") }
    }
    guard context.pointee.nb_streams <= limits.maxStreams else {
      throw .limit(what: "\(context.pointee.nb_streams) streams; \(limits.maxStreams) are allowed")
    }
    let streams = (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
    let videos = streams.filter {
      $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
        && $0.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    }
    func area(_ stream: UnsafeMutablePointer<AVStream>) -> Int {
      Int(stream.pointee.codecpar.pointee.width) * Int(stream.pointee.codecpar.pointee.height)
    }
    let flagged = videos.first { $0.pointee.disposition & AV_DISPOSITION_DEFAULT != 0 }
    guard let chosen = flagged ?? videos.max(by: { area($0) < area($1) }) else {
      throw .notVideo(what: streams.isEmpty ? "the container has no streams" : "it has sound or pictures only")
    }
    guard area(chosen) <= limits.maxPixels else {
      throw .limit(
        what: "pictures of \(chosen.pointee.codecpar.pointee.width)×\(chosen.pointee.codecpar.pointee.height) pixels")
    }
    for stream in streams where stream != chosen { stream.pointee.discard = AVDISCARD_ALL }
    return chosen
  }

  /// MP4 and Matroska headers say all that is needed; probing them would decode frames for nothing.
  private static func needsStreamProbe(_ context: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    let name = String(cString: context.pointee.iformat.pointee.name)
    guard name.hasPrefix("mov,") || name.hasPrefix("matroska,") else { return true }
    for index in 0..<Int(context.pointee.nb_streams) {
      guard let parameters = context.pointee.streams[index]?.pointee.codecpar else { continue }
      if parameters.pointee.codec_type == AVMEDIA_TYPE_VIDEO,
        parameters.pointee.codec_id == AV_CODEC_ID_NONE || parameters.pointee.width == 0
      {
        return true
      }
    }
    return context.pointee.nb_streams == 0
  }
}

/// Owns one packet.
struct Packet: ~Copyable {
  let raw: UnsafeMutablePointer<AVPacket>

  init() throws(MediaError) {
    guard let packet = av_packet_alloc() else {
      throw .ffmpeg(call: "av_packet_alloc", code: shim_out_of_memory())
    }
    raw = packet
  }

  deinit {
    var owned: UnsafeMutablePointer<AVPacket>? = raw
    av_packet_free(&owned)
  }
}
