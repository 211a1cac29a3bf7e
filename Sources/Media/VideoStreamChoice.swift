import CFFmpeg

/// Which stream of a container is its video.
enum VideoStreamChoice {
  /// The largest of the video streams that are marked as default, or of all when none is. Cover art is no video.
  static func stream(
    of context: UnsafeMutablePointer<AVFormatContext>, _ limits: DecodeLimits
  ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
    let count = Int(context.pointee.nb_streams)
    guard count <= limits.maxStreams else {
      throw .limit(what: "\(count) streams in the container; \(limits.maxStreams) are allowed")
    }
    let streams = (0..<count).compactMap { context.pointee.streams[$0] }
    let videos = streams.filter(isVideo)
    let marked = videos.filter { $0.pointee.disposition & AV_DISPOSITION_DEFAULT != 0 }
    guard let chosen = (marked.isEmpty ? videos : marked).max(by: { area($0) < area($1) }) else {
      throw .notVideo(what: streams.isEmpty ? "the container has no streams" : "it has sound, text or cover art only")
    }
    guard area(chosen) <= limits.maxPixels else {
      let parameters = chosen.pointee.codecpar.pointee
      throw .limit(what: "frames of \(parameters.width)×\(parameters.height); \(limits.maxPixels) pixels are allowed")
    }
    return chosen
  }

  private static func isVideo(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
    stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
      && stream.pointee.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS) == 0
  }

  private static func area(_ stream: UnsafeMutablePointer<AVStream>) -> Int {
    Int(stream.pointee.codecpar.pointee.width) * Int(stream.pointee.codecpar.pointee.height)
  }
}
