/// Which of FFmpeg's demuxers may touch a file.
///
/// The list is one of permissions: what is not in it (playlists, network and device formats, picture sequences,
/// subtitle and script formats) is never opened, whatever the file claims to be.
enum ContainerPolicy {
  enum Decision: Equatable {
    case allowed
    case playlist
    case notVideo
    case unsupported
  }

  private static let allowed: Set<String> = [
    "3g2", "3gp", "amv", "asf", "av1", "avi", "cavsvideo", "dirac", "dnxhd", "dv", "flv", "h261", "h263", "h264",
    "hevc", "ivf", "live_flv", "m4a", "m4v", "matroska", "mj2", "mjpeg", "mov", "mp4", "mpeg", "mpegts", "mpegvideo",
    "mxf", "nut", "obu", "ogg", "rm", "roq", "smk", "swf", "vc1", "vc1test", "viv", "webm", "wtv", "yuv4mpegpipe",
  ]
  private static let playlists: Set<String> = [
    "applehttp", "concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp", "webm_dash_manifest",
  ]

  private static let audio: Set<String> = [
    "aac", "ac3", "aiff", "amr", "ape", "au", "caf", "dts", "eac3", "flac", "mp2", "mp3", "tta", "voc", "w64", "wav",
    "wv",
  ]

  /// - Parameter format: FFmpeg's name of a demuxer, alternatives joined by commas.
  static func decision(format: String) -> Decision {
    let names = Set(format.split(separator: ",").map(String.init))
    if !names.isDisjoint(with: playlists) { return .playlist }
    if !names.isDisjoint(with: allowed) { return .allowed }
    // Pictures have demuxers called png_pipe, svg_pipe and so on; text is taken for subtitles or text art.
    let isPictureOrText = names.contains { name in
      name.hasSuffix("_pipe") || ["image2", "gif", "apng", "ico", "tty", "srt", "ass", "webvtt", "lrc"].contains(name)
    }
    return isPictureOrText || !names.isDisjoint(with: audio) ? .notVideo : .unsupported
  }
}
