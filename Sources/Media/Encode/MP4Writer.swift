import CFFmpeg

/// Owns an MP4 file in the making: one video stream that is coded anew, and copies of other streams.
struct MP4Writer: ~Copyable {
  private let context: UnsafeMutablePointer<AVFormatContext>
  private let sink: OutputSink
  private let startMicroseconds: Int64

  /// - Parameter startMicroseconds: what the times of all packets count from.
  init(_ sink: OutputSink, startMicroseconds: Int64) throws(MediaError) {
    var context: UnsafeMutablePointer<AVFormatContext>?
    let code = avformat_alloc_output_context2(&context, nil, "mp4", nil)
    guard code >= 0, let context else { throw .ffmpeg(call: "avformat_alloc_output_context2", code: code) }
    context.pointee.pb = sink.context
    // The same input gives the same bytes: no times, no versions.
    context.pointee.flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT
    self.context = context
    self.sink = sink
    self.startMicroseconds = startMicroseconds
  }

  deinit {
    context.pointee.pb = nil
    avformat_free_context(context)
  }

  /// Takes over what a container says of itself, and sets the comment in front of its own.
  mutating func setMetadata(_ metadata: OpaquePointer?, comment: String) {
    av_dict_copy(&context.pointee.metadata, metadata, 0)
    // What the old container said of its own kind is not true of this one.
    for name in ["major_brand", "minor_version", "compatible_brands", "encoder"] {
      av_dict_set(&context.pointee.metadata, name, nil, 0)
    }
    let old = av_dict_get(metadata, "comment", nil, 0).flatMap { $0.pointee.value.map { String(cString: $0) } }
    av_dict_set(&context.pointee.metadata, "comment", [comment, old].compactMap(\.self).joined(separator: " | "), 0)
  }

  /// Adds the stream of an encoder, with the times and the orientation of the stream that it stands for, if for one.
  mutating func addVideo(
    _ encoder: borrowing VideoEncoder, like stream: UnsafeMutablePointer<AVStream>? = nil
  ) throws(MediaError) -> CInt {
    let made = try addStream(like: stream)
    let code = avcodec_parameters_from_context(made.pointee.codecpar, encoder.context)
    guard code >= 0 else { throw .ffmpeg(call: "avcodec_parameters_from_context", code: code) }
    made.pointee.time_base = encoder.context.pointee.time_base
    guard let stream else {
      // From it the last picture gets its duration: without one, players leave that picture out.
      made.pointee.avg_frame_rate = encoder.context.pointee.framerate
      return made.pointee.index
    }
    made.pointee.avg_frame_rate = stream.pointee.avg_frame_rate
    var size = 0
    if let matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size),
      let copy = av_stream_new_side_data(made, AV_PKT_DATA_DISPLAYMATRIX, size)
    {
      copy.update(from: matrix, count: size)
    }
    return made.pointee.index
  }

  /// Adds a copy of a stream.
  ///
  /// - Returns: its index; nil when MP4 does not take streams of that kind.
  mutating func addCopy(of stream: UnsafeMutablePointer<AVStream>) throws(MediaError) -> CInt? {
    let codec = stream.pointee.codecpar.pointee.codec_id
    guard avformat_query_codec(context.pointee.oformat, codec, FF_COMPLIANCE_NORMAL) == 1,
      stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    else { return nil }
    let made = try addStream(like: stream)
    let code = avcodec_parameters_copy(made.pointee.codecpar, stream.pointee.codecpar)
    guard code >= 0 else { throw .ffmpeg(call: "avcodec_parameters_copy", code: code) }
    // A container's own tag may mean something else in MP4.
    made.pointee.codecpar.pointee.codec_tag = 0
    made.pointee.time_base = stream.pointee.time_base
    return made.pointee.index
  }

  private func addStream(like stream: UnsafeMutablePointer<AVStream>?) throws(MediaError) -> UnsafeMutablePointer<
    AVStream
  > {
    guard let made = avformat_new_stream(context, nil) else {
      throw .ffmpeg(call: "avformat_new_stream", code: shim_out_of_memory())
    }
    guard let stream else { return made }
    av_dict_copy(&made.pointee.metadata, stream.pointee.metadata, 0)
    made.pointee.disposition = stream.pointee.disposition
    return made
  }

  /// Writes the header; all streams must have been added.
  mutating func begin() throws {
    try check(avformat_write_header(context, nil), "avformat_write_header")
  }

  /// Hands over a packet, which is released.
  ///
  /// - Parameters:
  ///   - stream: of this file.
  ///   - timeBase: of the packet's times.
  mutating func write(_ packet: borrowing Packet, to stream: CInt, timeBase: AVRational) throws {
    guard let target = context.pointee.streams[Int(stream)] else { return }
    packet.raw.pointee.stream_index = stream
    packet.raw.pointee.pos = -1
    let start = av_rescale_q(startMicroseconds, AVRational(num: 1, den: AV_TIME_BASE), timeBase)
    packet.raw.pointee.pts -= start
    packet.raw.pointee.dts -= start
    av_packet_rescale_ts(packet.raw, timeBase, target.pointee.time_base)
    try check(av_interleaved_write_frame(context, packet.raw), "av_interleaved_write_frame")
  }

  /// Writes the index; nothing can follow.
  mutating func finish() throws {
    try check(av_write_trailer(context), "av_write_trailer")
    avio_flush(context.pointee.pb)
    if let failure = sink.failure { throw failure }
  }

  private func check(_ code: CInt, _ call: String) throws {
    if let failure = sink.failure { throw failure }
    guard code >= 0 else { throw MediaError.ffmpeg(call: call, code: code) }
  }
}
