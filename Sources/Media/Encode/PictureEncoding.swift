import CFFmpeg
public import Imaging

/// A frame as the bytes of a PNG file.
///
/// - Throws: `MediaError.limit` when memory ran out, `.ffmpeg` when the encoder fails.
public func encodePNG(_ picture: Frame) throws(MediaError) -> [UInt8] {
  try encode(picture, AV_CODEC_ID_PNG, "PNG", AV_PIX_FMT_RGB24) { _ in }
}

/// A frame as the bytes of a JPEG file, colours at half resolution; the same frame gives the same bytes.
///
/// - Parameter quantiser: 2 (finest) to 31.
/// - Throws: as `encodePNG`.
public func encodeJPEG(_ picture: Frame, quantiser: Int = 4) throws(MediaError) -> [UInt8] {
  // Its format is called deprecated, and means the right thing.
  av_log_set_level(AV_LOG_QUIET)
  return try encode(picture, AV_CODEC_ID_MJPEG, "JPEG", AV_PIX_FMT_YUVJ420P) { context in
    context.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
    context.pointee.global_quality = FF_QP2LAMBDA * CInt(quantiser)
  }
}

/// - Parameters:
///   - format: in which the encoder takes pictures.
///   - prepare: sets more of the context before it is opened.
private func encode(
  _ picture: Frame, _ kind: AVCodecID, _ name: String, _ format: AVPixelFormat,
  prepare: (UnsafeMutablePointer<AVCodecContext>) -> Void
) throws(MediaError) -> [UInt8] {
  guard let codec = avcodec_find_encoder(kind) else {
    throw .unsupported(what: "writing \(name) pictures (this FFmpeg has no encoder for them)")
  }
  var context = avcodec_alloc_context3(codec)
  defer { avcodec_free_context(&context) }
  guard let context else { throw .ffmpeg(call: "avcodec_alloc_context3", code: shim_out_of_memory()) }
  context.pointee.width = CInt(picture.width)
  context.pointee.height = CInt(picture.height)
  context.pointee.pix_fmt = format
  context.pointee.time_base = AVRational(num: 1, den: 1)
  context.pointee.thread_count = 1
  prepare(context)
  let pixels = try PictureBuffer()
  let converted = try PictureBuffer()
  let packet = try Packet()
  var code = avcodec_open2(context, codec, nil)
  if code >= 0 { code = copy(picture, into: pixels) }
  var taken = pixels.raw
  if code >= 0, format != AV_PIX_FMT_RGB24 {
    code = convert(pixels, to: format, into: converted)
    taken = converted.raw
  }
  taken.pointee.quality = context.pointee.global_quality
  if code >= 0 { code = avcodec_send_frame(context, taken) }
  if code >= 0 { code = avcodec_receive_packet(context, packet.raw) }
  guard code >= 0, let data = packet.raw.pointee.data else {
    throw .failure(of: "encoding a picture", code: code) { _ in .ffmpeg(call: "the \(name) encoder", code: code) }
  }
  return Array(UnsafeBufferPointer(start: data, count: Int(packet.raw.pointee.size)))
}

/// - Returns: an error code, at least 0 when `target` holds the picture in the other format.
private func convert(
  _ source: borrowing PictureBuffer, to format: AVPixelFormat, into target: borrowing PictureBuffer
) -> CInt {
  let (from, to) = (source.raw, target.raw)
  let (width, height) = (from.pointee.width, from.pointee.height)
  (to.pointee.width, to.pointee.height, to.pointee.format) = (width, height, format.rawValue)
  let scaler = sws_getContext(
    width, height, AVPixelFormat(from.pointee.format), width, height, format,
    SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT, nil, nil, nil)
  defer { sws_freeContext(scaler) }
  guard let scaler, av_frame_get_buffer(to, 0) >= 0 else { return shim_out_of_memory() }
  return sws_scale_frame(scaler, to, from)
}

/// - Returns: an error code, at least 0 when the frame holds the picture.
func copy(_ picture: Frame, into buffer: borrowing PictureBuffer) -> CInt {
  let frame = buffer.raw
  frame.pointee.width = CInt(picture.width)
  frame.pointee.height = CInt(picture.height)
  frame.pointee.format = AV_PIX_FMT_RGB24.rawValue
  let code = av_frame_get_buffer(frame, 0)
  guard code >= 0, let target = frame.pointee.data.0 else { return min(code, shim_out_of_memory()) }
  let rowBytes = picture.width * 3
  // Converters read beyond the ends of rows: the same picture must give the same result.
  target.update(repeating: 0, count: picture.height * Int(frame.pointee.linesize.0))
  picture.pixels.withUnsafeBufferPointer { source in
    for row in 0..<picture.height {
      let line = UnsafeMutableBufferPointer(
        start: target + row * Int(frame.pointee.linesize.0), count: rowBytes)
      _ = line.update(fromContentsOf: source[(row * rowBytes)..<((row + 1) * rowBytes)])
    }
  }
  return 0
}
