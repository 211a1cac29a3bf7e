import CFFmpeg

/// Owns one codec context with a single thread; used by one worker at a time.
struct VideoDecoder: ~Copyable {
  enum Receipt { case frame, needsPacket, endOfStream, failed(code: CInt) }

  private let context: UnsafeMutablePointer<AVCodecContext>

  init(_ stream: UnsafeMutablePointer<AVStream>, limits: DecodeLimits, mode: DecodeMode) throws(MediaError) {
    context = try Self.open(stream, limits, mode)
  }

  deinit { Self.close(context) }

  /// Whether frames that no other frame needs are left out from the next packet on.
  mutating func setDropsDisposable(_ drops: Bool) {
    context.pointee.skip_frame = drops ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
  }

  /// Hands a packet over, nil at the end of the data.
  ///
  /// - Returns: an error code of the decoder, 0 for none. The decoder must have asked for a packet.
  mutating func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> CInt {
    avcodec_send_packet(context, packet)
  }

  mutating func receive(into frame: borrowing PictureBuffer) -> Receipt {
    let code = avcodec_receive_frame(context, frame.raw)
    if code >= 0 { return .frame }
    if code == shim_again() { return .needsPacket }
    return code == shim_eof() ? .endOfStream : .failed(code: code)
  }

  /// Forgets all that was decoded, to start at another entry point.
  mutating func restart() {
    avcodec_flush_buffers(context)
  }

  private static func open(
    _ stream: UnsafeMutablePointer<AVStream>, _ limits: DecodeLimits, _ mode: DecodeMode
  ) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
    let parameters = stream.pointee.codecpar!
    let name = String(cString: avcodec_get_name(parameters.pointee.codec_id))
    guard let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
      throw .unsupported(what: "the codec \(name)")
    }
    guard let context = avcodec_alloc_context3(codec) else {
      throw .ffmpeg(call: "avcodec_alloc_context3", code: shim_out_of_memory())
    }
    context.pointee.max_pixels = Int64(limits.maxPixels)
    context.pointee.thread_count = 1
    context.pointee.pkt_timebase = stream.pointee.time_base
    var code = avcodec_parameters_to_context(context, parameters)
    if mode == .fast { context.pointee.skip_loop_filter = AVDISCARD_ALL }
    if code >= 0 { code = avcodec_open2(context, codec, nil) }
    guard code >= 0 else {
      close(context)
      if code == shim_out_of_memory() { throw .limit(what: "memory, while the decoder was opened") }
      if code == shim_patch_welcome() { throw .unsupported(what: "this kind of \(name)") }
      throw .incomplete(what: "the \(name) decoder does not accept the header (\(errorText(code)))")
    }
    return context
  }

  private static func close(_ context: UnsafeMutablePointer<AVCodecContext>) {
    var owned: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&owned)
  }
}

/// Owns one decoded frame's memory.
struct PictureBuffer: ~Copyable {
  let raw: UnsafeMutablePointer<AVFrame>

  init() throws(MediaError) {
    guard let frame = av_frame_alloc() else { throw .ffmpeg(call: "av_frame_alloc", code: shim_out_of_memory()) }
    raw = frame
  }

  deinit {
    var owned: UnsafeMutablePointer<AVFrame>? = raw
    av_frame_free(&owned)
  }
}
