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

  /// Containers that hold video within one file. `rawvideo` and its kin are absent: they say nothing about their size.
  private static let allowed: Set<String> = [
    "3g2", "3gp", "4xm", "amv", "anm", "apng", "asf", "asf_o", "av1", "avi", "avs2", "avs3", "bethsoftvid", "bfi",
    "bink", "c93", "cavsvideo", "cine", "dhav", "dirac", "dnxhd", "dsicin", "dv", "dxa", "ea", "film_cpk", "flic",
    "flv", "gdv", "gif", "gxf", "h261", "h263", "h264", "hevc", "hnm", "idcin", "iff", "ifv", "ingenient", "ipmovie",
    "ipu", "iv8", "ivf", "ivr", "jv", "live_flv", "lmlm4", "lvf", "lxf", "m4a", "m4v", "matroska", "mgsts", "mj2",
    "mjpeg", "mjpeg_2000", "mlv", "mm", "mods", "moflex", "mov", "mp4", "mpeg", "mpegts", "mpegvideo", "mpjpeg",
    "mtv", "mv", "mvi", "mxf", "mxg", "nc", "nsv", "nut", "nuv", "obu", "ogg", "paf", "pmp", "psxstr", "pva", "r3d",
    "rl2", "rm", "roq", "rpl", "sdr2", "ser", "sga", "siff", "simbiosis_imx", "smjpeg", "smk", "smush", "swf",
    "thp", "tiertexseq", "tmv", "ty", "vc1", "vc1test", "viv", "vivo", "vmd", "wc3movie", "webm", "wsvqa", "wtv",
    "xmv", "yop", "yuv4mpegpipe",
  ]

  private static let playlists: Set<String> = [
    "applehttp", "concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp", "webm_dash_manifest",
  ]

  /// Formats that are recognised for what they are: sound, pictures and text.
  private static let others: Set<String> = [
    "aac", "ac3", "aiff", "amr", "ape", "ass", "au", "caf", "dts", "eac3", "ffmetadata", "flac", "ico", "image2",
    "lrc", "mp2", "mp3", "srt", "tta", "tty", "voc", "w64", "wav", "webvtt", "xbin",
  ]

  /// - Parameter format: FFmpeg's name of a demuxer, alternatives joined by commas.
  static func decision(format: String) -> Decision {
    let names = Set(format.split(separator: ",").map(String.init))
    if !names.isDisjoint(with: playlists) { return .playlist }
    if !names.isDisjoint(with: allowed) { return .allowed }
    // Pictures have demuxers called png_pipe, svg_pipe and so on.
    let isPicture = names.contains { $0.hasSuffix("_pipe") }
    return isPicture || !names.isDisjoint(with: others) ? .notVideo : .unsupported
  }

  /// Containers whose headers describe their streams, so that nothing needs to be decoded to open them.
  static func describesStreams(format: String) -> Bool {
    format.hasPrefix("mov,") || format.hasPrefix("matroska,")
  }
}
