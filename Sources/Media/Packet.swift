import CFFmpeg

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

  /// Whether the container gave it side data of a kind.
  func hasSideData(_ kind: AVPacketSideDataType) -> Bool {
    av_packet_get_side_data(raw, kind, nil) != nil
  }
}
