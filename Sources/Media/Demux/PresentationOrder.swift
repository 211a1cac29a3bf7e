import CFFmpeg

/// The order in which frames are shown, found from the pictures themselves when packets have no presentation times.
struct PresentationOrder {
  /// Place of each packet's frame, in decoding order; continuations have that of the packet before.
  let ranks: [Int]
  let frameCount: Int

  /// - Parameter descriptor: that `demuxer` has read to its end; read once more where pictures carry counters.
  init(
    _ records: [PacketScan.Record], of demuxer: borrowing Demuxer, descriptor: CInt, limits: DecodeLimits
  ) throws(MediaError) {
    if Self.hasCounters(demuxer) {
      var again = try Demuxer(
        descriptor: descriptor, limits: limits, scope: .video, track: Int(demuxer.stream.pointee.index))
      self.init(counters: try Self.counters(&again, atMost: records.count), of: records)
    } else {
      self.init(holdingBackReferences: records)
    }
  }

  /// The order by the pictures' own counters, where timestamps ascend in the order of decoding although that is not the
  /// order of presentation; nil otherwise. Such files come from copying streams that have no timestamps.
  init?(
    contradicting records: [PacketScan.Record], of demuxer: borrowing Demuxer, descriptor: CInt, limits: DecodeLimits
  ) throws(MediaError) {
    // Without unreferenced pictures there is hardly any reordering.
    guard Self.hasCounters(demuxer), records.contains(where: { $0.traits.contains(.disposable) }),
      zip(records, records.dropFirst()).allSatisfy({ before, after in
        guard let first = before.pts, let second = after.pts else { return false }
        return first < second || first == second && after.traits.contains(.continuation)
      })
    else { return nil }
    var beginning = try Demuxer(
      descriptor: descriptor, limits: limits, scope: .video, track: Int(demuxer.stream.pointee.index))
    let sample = Array(records.prefix(Self.mostSampled))
    let order = Self(counters: try Self.counters(&beginning, atMost: sample.count), of: sample)
    guard zip(order.ranks, order.ranks.dropFirst()).contains(where: { $0 > $1 }) else { return nil }
    try self.init(records, of: demuxer, descriptor: descriptor, limits: limits)
  }

  /// Packets at the beginning of a stream in which reordering shows, if there is any.
  private static let mostSampled = 300

  private static func hasCounters(_ demuxer: borrowing Demuxer) -> Bool {
    [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC].contains(demuxer.stream.pointee.codecpar.pointee.codec_id)
  }

  /// MPEG-1, 2 and 4: a frame that others refer to is shown when the next such frame is decoded.
  init(holdingBackReferences records: [PacketScan.Record]) {
    var shown: [Int] = []
    var held: Int?
    let reorders = records.contains { $0.traits.contains(.disposable) }
    for position in records.indices {
      var next: Int? = position
      if reorders, !records[position].traits.contains(.disposable) { swap(&next, &held) }
      if let next { shown.append(next) }
    }
    if let held { shown.append(held) }
    self.init(shown: shown, of: records)
  }

  /// Codecs whose pictures count themselves, from each new sequence anew.
  ///
  /// - Parameter counters: one for each record.
  init(counters: [Int], of records: [PacketScan.Record]) {
    var sequence = 0
    let keys = records.indices.map { position in
      if records[position].traits.contains(.newSequence) { sequence += 1 }
      return (sequence, counters[position], position)
    }
    let frames = records.indices.filter { !records[$0].traits.contains(.continuation) }
    self.init(shown: frames.sorted { keys[$0] < keys[$1] }, of: records)
  }

  /// - Parameter shown: packets that are no continuations, in order of presentation.
  private init(shown: [Int], of records: [PacketScan.Record]) {
    var ranks = [Int](repeating: 0, count: records.count)
    for (rank, position) in shown.enumerated() { ranks[position] = rank }
    for position in records.indices.dropFirst() where records[position].traits.contains(.continuation) {
      ranks[position] = ranks[position - 1]
    }
    self.ranks = ranks
    frameCount = shown.count
  }

  /// Reads the picture order counts of `count` packets.
  private static func counters(_ demuxer: inout Demuxer, atMost count: Int) throws(MediaError) -> [Int] {
    let parser = try PictureParser(demuxer.stream)
    let packet = try Packet()
    var counters: [Int] = []
    while counters.count < count, case .packet = demuxer.read(into: packet) {
      counters.append(parser.pictureOrder(in: packet))
    }
    // What a damaged container gave once but not again is shown last.
    return counters + [Int](repeating: .max, count: count - counters.count)
  }
}

/// Owns a parser that reads the headers of pictures.
private struct PictureParser: ~Copyable {
  private let parser: UnsafeMutablePointer<AVCodecParserContext>
  private let context: UnsafeMutablePointer<AVCodecContext>

  init(_ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
    let parameters: UnsafeMutablePointer<AVCodecParameters> = stream.pointee.codecpar
    guard let parser = av_parser_init(CInt(parameters.pointee.codec_id.rawValue)) else {
      throw .ffmpeg(call: "av_parser_init", code: shim_out_of_memory())
    }
    var context = avcodec_alloc_context3(nil)
    guard let opened = context, avcodec_parameters_to_context(opened, parameters) >= 0 else {
      avcodec_free_context(&context)
      av_parser_close(parser)
      throw .ffmpeg(call: "avcodec_alloc_context3", code: shim_out_of_memory())
    }
    parser.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
    self.parser = parser
    self.context = opened
  }

  deinit {
    av_parser_close(parser)
    var owned: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&owned)
  }

  func pictureOrder(in packet: borrowing Packet) -> Int {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count: CInt = 0
    let raw = packet.raw.pointee
    av_parser_parse2(parser, context, &bytes, &count, raw.data, raw.size, raw.pts, raw.dts, raw.pos)
    return Int(parser.pointee.output_picture_number)
  }
}
