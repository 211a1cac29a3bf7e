import CFFmpeg
public import Imaging

/// Pictures of one size as they come back from a film that was coded with them, one after another.
///
/// For our own pixels: nothing here reads a file.
///
/// - Parameters:
///   - pictures: in order; at least 16×16 pixels.
///   - recompression: how the film is coded; what has lost half of its size comes back at its old one.
/// - Returns: as many pictures of the same size.
/// - Throws: `MediaError.unsupported` when this FFmpeg lacks the encoder.
public func filmRoundTrip(
  of pictures: [Frame], _ recompression: Recompression, framesPerSecond: Double = 25
) throws -> [Frame] {
  av_log_set_level(AV_LOG_QUIET)
  let coding = ChainCoding(recompression, framesPerSecond: framesPerSecond)
  let colors = ColorConverter()
  let buffer = try PictureBuffer()
  var back: [Int64: Frame] = [:]
  func deliver(_ decoded: UnsafeMutablePointer<AVFrame>, _ number: Int64) throws {
    let picture = DecodedPicture(decoded, Orientation(), colors)
    back[number] = try picture.pixels(of: picture.bounds)
  }
  for (index, picture) in pictures.enumerated() {
    precondition(picture.width >= 16 && picture.height >= 16, "cannot code \(picture.width)×\(picture.height)")
    av_frame_unref(buffer.raw)
    let code = copy(picture, into: buffer)
    guard code >= 0 else { throw MediaError.ffmpeg(call: "av_frame_get_buffer", code: code) }
    try coding.code(buffer.raw, beginsGroup: index == 0, deliver)
  }
  try coding.finish(deliver)
  return try pictures.indices.map { index in
    guard let frame = back[Int64(index)] else { throw MediaError.truncated(what: "a picture did not come back") }
    return frame.resized(width: pictures[index].width, height: pictures[index].height)
  }
}
