import CFFmpeg
public import Imaging

/// Decodes a JPEG, PNG, BMP or WebP picture of a labelled folder.
///
/// - Parameter descriptor: of a regular file, open for reading; stays the caller's.
/// - Throws: `MediaError` when it is no such picture, damaged or over the limits.
public func decodePicture(descriptor: CInt, limits: DecodeLimits = DecodeLimits()) throws -> Frame {
  let input = try InputDescriptor(descriptor)
  av_log_set_level(AV_LOG_QUIET)
  let bytes = try input.readAll(atMost: 256 << 20)
  let codecs: [(start: [UInt8], id: AVCodecID)] = [
    ([0xFF, 0xD8], AV_CODEC_ID_MJPEG), ([0x89, 0x50, 0x4E, 0x47], AV_CODEC_ID_PNG), ([0x42, 0x4D], AV_CODEC_ID_BMP),
    ([0x52, 0x49, 0x46, 0x46], AV_CODEC_ID_WEBP),
  ]
  guard let id = codecs.first(where: { bytes.starts(with: $0.start) })?.id, let codec = avcodec_find_decoder(id) else {
    throw MediaError.notVideo(what: "no JPEG, PNG, BMP or WebP picture")
  }
  var context = avcodec_alloc_context3(codec)
  defer { avcodec_free_context(&context) }
  guard let context else { throw MediaError.ffmpeg(call: "avcodec_alloc_context3", code: shim_out_of_memory()) }
  context.pointee.max_pixels = Int64(limits.maxPixels)
  context.pointee.thread_count = 1
  guard avcodec_open2(context, codec, nil) >= 0 else { throw MediaError.unsupported(what: "this kind of picture") }
  let packet = try Packet()
  guard av_new_packet(packet.raw, CInt(bytes.count)) >= 0 else {
    throw MediaError.limit(what: "memory, for a picture of \(bytes.count) bytes")
  }
  bytes.withUnsafeBufferPointer { packet.raw.pointee.data.update(from: $0.baseAddress!, count: bytes.count) }
  let buffer = try PictureBuffer()
  var code = avcodec_send_packet(context, packet.raw)
  if code >= 0 { code = avcodec_send_packet(context, nil) }
  if code >= 0 { code = avcodec_receive_frame(context, buffer.raw) }
  guard code >= 0, buffer.raw.pointee.decode_error_flags == 0 else {
    throw MediaError.incomplete(what: "the picture cannot be decoded (\(errorText(code)))")
  }
  // JPEG files are full range BT.601 by their standard, whatever the decoder leaves unsaid.
  if id == AV_CODEC_ID_MJPEG, buffer.raw.pointee.colorspace == AVCOL_SPC_UNSPECIFIED {
    buffer.raw.pointee.colorspace = AVCOL_SPC_BT470BG
  }
  let picture = DecodedPicture(buffer.raw, Orientation())
  return try picture.pixels(of: picture.bounds)
}
