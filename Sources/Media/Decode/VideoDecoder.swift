import CFFmpeg

/// Owns one codec context with a single thread; used by one worker at a time.
struct VideoDecoder: ~Copyable {
  enum Receipt { case frame, needsPacket, endOfStream, failed(code: CInt) }

  private let context: UnsafeMutablePointer<AVCodecContext>

  /// - Parameter reorderDepth: most frames that are decoded before, but shown after, another one.
  init(
    _ stream: UnsafeMutablePointer<AVStream>, limits: DecodeLimits, mode: DecodeMode, reorderDepth: Int
  ) throws(MediaError) {
    context = try Self.open(stream, limits, mode, reorderDepth)
  }

  deinit { Self.close(context) }

  /// Hands a packet over; the decoder must have asked for one.
  ///
  /// - Parameter isWanted: without it, a frame that no other one needs is left out.
  /// - Returns: an error code of the decoder, 0 for none.
  mutating func send(_ packet: borrowing Packet, isWanted: Bool) -> CInt {
    context.pointee.skip_frame = isWanted ? AVDISCARD_DEFAULT : AVDISCARD_NONREF
    return avcodec_send_packet(context, packet.raw)
  }

  /// Says that no packet follows, so that all frames that were held back come out.
  mutating func sendEnd() {
    // The one possible error is that the end has been said before.
    _ = avcodec_send_packet(context, nil)
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
    _ stream: UnsafeMutablePointer<AVStream>, _ limits: DecodeLimits, _ mode: DecodeMode, _ reorderDepth: Int
  ) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
    let parameters: UnsafeMutablePointer<AVCodecParameters> = stream.pointee.codecpar
    let name = codecName(parameters.pointee)
    guard let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
      throw .unsupported(what: name)
    }
    guard let context = avcodec_alloc_context3(codec) else {
      throw .ffmpeg(call: "avcodec_alloc_context3", code: shim_out_of_memory())
    }
    context.pointee.max_pixels = Int64(limits.maxPixels)
    context.pointee.thread_count = 1
    var code = avcodec_parameters_to_context(context, parameters)
    // A decoder that has to find this out by itself drops frames until it has.
    context.pointee.has_b_frames = max(context.pointee.has_b_frames, CInt(reorderDepth))
    if mode == .fast { context.pointee.skip_loop_filter = AVDISCARD_ALL }
    if code >= 0 { code = avcodec_open2(context, codec, nil) }
    guard code >= 0 else {
      close(context)
      if code == shim_patch_welcome() {
        throw .unsupported(what: "this kind of \(String(cString: codec.pointee.name))")
      }
      throw .failure(of: "opening the decoder", code: code) {
        .damaged(what: "the \(String(cString: codec.pointee.name)) decoder does not accept the header (\($0))")
      }
    }
    return context
  }

  private static func close(_ context: UnsafeMutablePointer<AVCodecContext>) {
    var owned: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&owned)
  }
}

/// A codec in words: its name, or the container's four characters where FFmpeg knows none.
func codecName(_ parameters: AVCodecParameters) -> String {
  guard parameters.codec_id == AV_CODEC_ID_NONE else {
    return "the codec \(String(cString: avcodec_get_name(parameters.codec_id)))"
  }
  let tag = (0..<4).map { UInt8(truncatingIfNeeded: parameters.codec_tag >> (8 * $0)) }
  guard parameters.codec_tag != 0, tag.allSatisfy({ (32..<127).contains($0) }) else { return "an unknown codec" }
  return "an unknown codec ('\(String(decoding: tag, as: UTF8.self))')"
}

/// What a file may ask of the decoder; one that asks for more fails with `MediaError.limit`.
public struct DecodeLimits: Sendable, Hashable {
  /// Pixels of one frame.
  public var maxPixels = 50_000_000
  /// Streams of a container.
  public var maxStreams = 64
  /// Packets of the video stream: 27 hours at 30 frames a second, and at most 100 MB for their index.
  public var maxPackets = 3_000_000
  /// Time from the first frame to the last: three years.
  public var maxSeconds = 1e8

  public init() {}
}
