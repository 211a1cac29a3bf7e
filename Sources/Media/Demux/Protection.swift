import CFFmpeg
import Glibc

/// Signs that the content of a container is encrypted.
enum Protection {
  /// Whether the header says that no video can be decoded without a key. Anybody can write that into a file that plays:
  /// decoding has to confirm it.
  ///
  /// - Parameter context: opened, its streams not probed.
  static func isClaimed(_ context: UnsafeMutablePointer<AVFormatContext>, descriptor: CInt) -> Bool {
    switch String(cString: context.pointee.iformat.pointee.name) {
    case "asf", "asf_o":
      has("ASF_Protection_Type", context.pointee.metadata) || has("encryption", context.pointee.metadata)
    case let name where name.hasPrefix("mov,"): MovieBoxes(descriptor: descriptor).isEncrypted
    case let name where name.hasPrefix("matroska,"): isMatroskaEncrypted(context)
    default: false
    }
  }

  /// Whether the decoder of a stream reports errors when it is given encrypted pictures; others take any bits for one.
  static func showsInErrors(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
    [
      AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MJPEG, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO,
      AV_CODEC_ID_MPEG4, AV_CODEC_ID_VC1, AV_CODEC_ID_WMV1, AV_CODEC_ID_WMV2, AV_CODEC_ID_WMV3,
    ].contains(stream.pointee.codecpar.pointee.codec_id)
  }

  private static func isMatroskaEncrypted(_ context: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    let streams = (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
    let videos = streams.filter { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }
    return !videos.isEmpty && videos.allSatisfy { has("enc_key_id", $0.pointee.metadata) }
  }

  private static func has(_ key: String, _ metadata: OpaquePointer?) -> Bool {
    av_dict_get(metadata, key, nil, 0) != nil
  }

  /// Whether most packets of a transport stream are scrambled (ISO/IEC 13818-1, 2.4.3.3), so that not even their
  /// timestamps can be read.
  static func isScrambled(descriptor: CInt) -> Bool {
    let bytes = BoxHeader.bytes(descriptor, at: 0, count: 1 << 20)
    for length in [188, 192, 204] {
      let starts = (0..<min(length, bytes.count)).first { start in
        (0..<8).allSatisfy { start + $0 * length < bytes.count && bytes[start + $0 * length] == 0x47 }
      }
      guard let start = starts else { continue }
      var (scrambled, clear) = (0, 0)
      for place in stride(from: start, to: bytes.count - 4, by: length) where bytes[place] == 0x47 {
        // Tables and stuffing are never scrambled.
        let identifier = Int(bytes[place + 1] & 0x1F) << 8 | Int(bytes[place + 2])
        guard identifier >= 0x20, identifier != 0x1FFF else { continue }
        if bytes[place + 3] & 0x80 != 0 { scrambled += 1 } else { clear += 1 }
      }
      return scrambled > clear
    }
    return false
  }
}
