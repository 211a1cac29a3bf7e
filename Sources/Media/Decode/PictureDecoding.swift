import CFFmpeg
public import Imaging

/// Decodes a JPEG, PNG, BMP or WebP picture, as labelled folders hold them.
///
/// - Parameter descriptor: of a regular file, open for reading; stays the caller's.
/// - Throws: `MediaError` when it is no such picture, damaged or over the limits.
public func decodePicture(
  descriptor: CInt, limits: DecodeLimits = DecodeLimits()
) throws(MediaError) -> Frame {
  av_log_set_level(AV_LOG_QUIET)
  let bytes = try InputDescriptor(descriptor).readAll(atMost: PictureFormat.mostBytes)
  guard let format = PictureFormat(startOf: bytes) else {
    throw .notVideo(what: "no JPEG, PNG, BMP or WebP picture")
  }
  let buffer = try PictureBuffer()
  try decode(bytes, format, limits, into: buffer)
  // JPEG files are BT.601 by their standard, where the decoder leaves it unsaid.
  if format == .jpeg, buffer.raw.pointee.colorspace == AVCOL_SPC_UNSPECIFIED {
    buffer.raw.pointee.colorspace = AVCOL_SPC_BT470BG
  }
  let picture = DecodedPicture(buffer.raw, Orientation(), ColorConverter())
  return try picture.pixels(of: picture.bounds)
}

private enum PictureFormat: CaseIterable {
  case jpeg, png, bmp, webp

  static let mostBytes = 256 << 20

  init?(startOf bytes: [UInt8]) {
    guard let format = Self.allCases.first(where: { bytes.starts(with: $0.signature) }) else { return nil }
    self = format
  }

  var codec: AVCodecID {
    switch self {
    case .jpeg: AV_CODEC_ID_MJPEG
    case .png: AV_CODEC_ID_PNG
    case .bmp: AV_CODEC_ID_BMP
    case .webp: AV_CODEC_ID_WEBP
    }
  }

  private var signature: [UInt8] {
    switch self {
    case .jpeg: [0xFF, 0xD8]
    case .png: Array("\u{89}PNG".unicodeScalars.map { UInt8($0.value) })
    case .bmp: Array("BM".utf8)
    case .webp: Array("RIFF".utf8)
    }
  }
}

/// Decodes the one frame that is in `bytes`.
private func decode(
  _ bytes: [UInt8], _ format: PictureFormat, _ limits: DecodeLimits, into buffer: borrowing PictureBuffer
) throws(MediaError) {
  guard let codec = avcodec_find_decoder(format.codec) else { throw .unsupported(what: "a picture of this kind") }
  var context = avcodec_alloc_context3(codec)
  defer { avcodec_free_context(&context) }
  guard let context else { throw .ffmpeg(call: "avcodec_alloc_context3", code: shim_out_of_memory()) }
  context.pointee.max_pixels = Int64(limits.maxPixels)
  context.pointee.thread_count = 1
  let packet = try Packet()
  var code = avcodec_open2(context, codec, nil)
  if code >= 0 { code = av_new_packet(packet.raw, CInt(bytes.count)) }
  if code >= 0 {
    UnsafeMutableRawBufferPointer(start: packet.raw.pointee.data, count: bytes.count).copyBytes(from: bytes)
    code = avcodec_send_packet(context, packet.raw)
  }
  if code >= 0 { code = avcodec_send_packet(context, nil) }
  if code >= 0 { code = avcodec_receive_frame(context, buffer.raw) }
  // The decoder's word for a header that asks for more than `max_pixels`.
  guard code != shim_invalid_argument() else {
    throw .limit(what: "a picture of no usable size, or of more than \(limits.maxPixels) pixels")
  }
  guard code >= 0 else {
    throw .failure(of: "decoding the picture", code: code) { .damaged(what: "the picture cannot be decoded (\($0))") }
  }
  guard buffer.raw.pointee.decode_error_flags == 0 else { throw .damaged(what: "parts of the picture are missing") }
}
