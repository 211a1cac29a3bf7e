import CFFmpeg

/// The order in which frames are shown, found from the pictures themselves when packets have no presentation times.
struct PresentationOrder {
  /// Place of each packet's frame, in decoding order; continuations have that of the packet before.
  let ranks: [Int]
  let frameCount: Int

  /// - Parameters:
  ///   - records: second fields become continuations.
  ///   - descriptor: that `demuxer` has read to its end; read once more where pictures carry counters.
  init(
    _ records: inout [PacketScan.Record], of demuxer: borrowing Demuxer, descriptor: CInt, limits: DecodeLimits
  ) throws(MediaError) {
    switch demuxer.stream.pointee.codecpar.pointee.codec_id {
    case AV_CODEC_ID_H264, AV_CODEC_ID_HEVC:
      var again = try Demuxer(
        descriptor: descriptor, limits: limits, scope: .video,
        track: Int(demuxer.stream.pointee.index))
      self.init(counters: try Self.counters(&again, &records), of: records)
    default:
      self.init(holdingBackReferences: records)
    }
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

  /// Reads the picture order counts, and joins fields to frames.
  private static func counters(
    _ demuxer: inout Demuxer, _ records: inout [PacketScan.Record]
  ) throws(MediaError) -> [Int] {
    let parser = try PictureParser(demuxer.stream)
    let packet = try Packet()
    var counters: [Int] = []
    var isFirstField = false
    while counters.count < records.count, case .packet = demuxer.read(into: packet) {
      let picture = parser.picture(in: packet)
      if picture.isField, isFirstField { records[counters.count].traits.insert(.continuation) }
      isFirstField = picture.isField && !isFirstField
      counters.append(picture.order)
    }
    // What a damaged container gave once but not again is shown last.
    return counters + [Int](repeating: .max, count: records.count - counters.count)
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
    guard let context = avcodec_alloc_context3(nil), avcodec_parameters_to_context(context, parameters) >= 0 else {
      av_parser_close(parser)
      throw .ffmpeg(call: "avcodec_alloc_context3", code: shim_out_of_memory())
    }
    parser.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
    self.parser = parser
    self.context = context
  }

  deinit {
    av_parser_close(parser)
    var owned: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&owned)
  }

  func picture(in packet: borrowing Packet) -> (order: Int, isField: Bool) {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count: CInt = 0
    let raw = packet.raw.pointee
    av_parser_parse2(parser, context, &bytes, &count, raw.data, raw.size, raw.pts, raw.dts, raw.pos)
    let structure = parser.pointee.picture_structure
    return (
      Int(parser.pointee.output_picture_number),
      structure == AV_PICTURE_STRUCTURE_TOP_FIELD || structure == AV_PICTURE_STRUCTURE_BOTTOM_FIELD
    )
  }
}
