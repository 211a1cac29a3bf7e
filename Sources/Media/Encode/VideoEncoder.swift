import CFFmpeg

/// Owns one encoder, libx264 or libx265, with a single thread of FFmpeg's.
struct VideoEncoder: ~Copyable {
  let context: UnsafeMutablePointer<AVCodecContext>
  private let name: String

  /// - Parameters:
  ///   - options: of the encoder, such as `crf` and `preset`.
  ///   - prepare: sets more of the context before it is opened.
  /// - Throws: `MediaError.unsupported` when this FFmpeg lacks the encoder.
  init(
    codec kind: VideoCodec = .h264, width: Int, height: Int, format: AVPixelFormat = AV_PIX_FMT_YUV420P,
    timeBase: AVRational,
    options: [String: String],
    prepare: (UnsafeMutablePointer<AVCodecContext>) -> Void = { _ in }
  ) throws(MediaError) {
    let name = kind.encoderName
    guard let codec = avcodec_find_encoder_by_name(name) else {
      throw .unsupported(what: "coding \(kind.title) (this FFmpeg has no \(name))")
    }
    var context = avcodec_alloc_context3(codec)
    guard let opened = context else { throw .ffmpeg(call: "avcodec_alloc_context3", code: shim_out_of_memory()) }
    (opened.pointee.width, opened.pointee.height) = (CInt(width), CInt(height))
    opened.pointee.pix_fmt = format
    opened.pointee.time_base = timeBase
    opened.pointee.thread_count = 1
    prepare(opened)
    var dictionary: OpaquePointer?
    for (key, value) in options.merging(kind.options, uniquingKeysWith: { own, _ in own }).sorted(by: {
      $0.key < $1.key
    }) {
      av_dict_set(&dictionary, key, value, 0)
    }
    let code = avcodec_open2(opened, codec, &dictionary)
    av_dict_free(&dictionary)
    guard code >= 0 else {
      avcodec_free_context(&context)
      throw .ffmpeg(call: "opening \(name)", code: code)
    }
    self.context = opened
    self.name = name
  }

  deinit {
    var owned: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&owned)
  }

  /// - Parameter frame: the next picture in order of presentation; nil after the last one.
  mutating func send(_ frame: UnsafeMutablePointer<AVFrame>?) throws(MediaError) {
    let code = avcodec_send_frame(context, frame)
    guard code >= 0 || (frame == nil && code == shim_eof()) else { throw .ffmpeg(call: name, code: code) }
  }

  /// - Returns: false when the encoder wants more pictures first, or has given all.
  mutating func receive(into packet: borrowing Packet) throws(MediaError) -> Bool {
    let code = avcodec_receive_packet(context, packet.raw)
    if code == shim_again() || code == shim_eof() { return false }
    guard code >= 0 else { throw .ffmpeg(call: name, code: code) }
    return true
  }
}

/// Owns one decoder for what a `VideoEncoder` made: nobody else's data gets here.
struct CodedVideoDecoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>

  /// - Parameters:
  ///   - isImmediate: each packet gives its picture at once; for streams without reordering.
  ///   - encoder: whose headers are in its context rather than in the stream.
  init(isImmediate: Bool = false, headersOf encoder: borrowing VideoEncoder) throws(MediaError) {
    let codec = avcodec_find_decoder(encoder.context.pointee.codec_id)
    var context = avcodec_alloc_context3(codec)
    guard let codec, let opened = context else {
      avcodec_free_context(&context)
      throw .unsupported(what: "decoding what was coded (this FFmpeg has no decoder)")
    }
    opened.pointee.thread_count = 1
    if isImmediate { opened.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY }
    opened.pointee.has_b_frames = encoder.context.pointee.has_b_frames
    var code: CInt = 0
    if encoder.context.pointee.extradata_size > 0 {
      let parameters = avcodec_parameters_alloc()
      var owned = parameters
      code = avcodec_parameters_from_context(parameters, encoder.context)
      if code >= 0 { code = avcodec_parameters_to_context(opened, parameters) }
      avcodec_parameters_free(&owned)
    }
    if code >= 0 { code = avcodec_open2(opened, codec, nil) }
    guard code >= 0 else {
      avcodec_free_context(&context)
      throw .ffmpeg(call: "opening the decoder", code: code)
    }
    self.context = opened
  }

  deinit {
    var owned: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&owned)
  }

  /// Says that no packet follows.
  mutating func sendEnd() {
    // The one possible error is that the end has been said before.
    _ = avcodec_send_packet(context, nil)
  }

  mutating func send(_ packet: borrowing Packet) throws(MediaError) {
    let code = avcodec_send_packet(context, packet.raw)
    guard code >= 0 else { throw .ffmpeg(call: "decoding what was coded", code: code) }
  }

  /// - Returns: false when the decoder wants more packets first, or has given all.
  mutating func receive(into frame: borrowing PictureBuffer) throws(MediaError) -> Bool {
    let code = avcodec_receive_frame(context, frame.raw)
    if code == shim_again() || code == shim_eof() { return false }
    guard code >= 0 else { throw .ffmpeg(call: "decoding what was coded", code: code) }
    return true
  }
}
