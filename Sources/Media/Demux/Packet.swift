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

/// What is known of one packet of a video stream without decoding it.
struct PacketTraits: OptionSet, Sendable {
  let rawValue: UInt16

  /// The container calls it a key frame.
  static let key = PacketTraits(rawValue: 1 << 0)
  /// Decoding may start here: frames shown from here on need nothing earlier, not even parameter sets.
  static let entryPoint = PacketTraits(rawValue: 1 << 1)
  /// Nothing else is predicted from it.
  static let disposable = PacketTraits(rawValue: 1 << 2)
  /// Gives no frame to see: empty, cut off at the end, outside of the edit list or meant for reference only.
  static let hidden = PacketTraits(rawValue: 1 << 3)
  /// Belongs to the frame of the packet before, as the second field of a frame does.
  static let continuation = PacketTraits(rawValue: 1 << 4)
  /// Counting of the order of presentation starts again here.
  static let newSequence = PacketTraits(rawValue: 1 << 5)
  /// Holds settings of the decoder that later packets depend on and entry points may not repeat.
  static let settings = PacketTraits(rawValue: 1 << 6)
  /// May refer to pictures before the entry point that precedes it, although it is shown before that.
  static let leading = PacketTraits(rawValue: 1 << 7)
}
