import CFFmpeg

/// Why a file gives no pictures; the text is for whoever reads the manifest.
public enum MediaError: Error, Hashable {
  /// The raw values are those of the manifest's failure reasons.
  public enum Reason: String, Sendable, CaseIterable {
    case unreadable, unsupported, encrypted, truncated, limit, refused
    case notVideo = "not_video"
  }

  /// Nothing in it is a video; `what` says what it is.
  case notVideo(what: String)
  /// A container that would make the decoder open other files.
  case playlist(format: String)
  /// A container, codec or pixel format that is not decoded here.
  case unsupported(what: String)
  /// The samples are encrypted.
  case encrypted
  /// The container or its header is recognised, but makes no sense or lacks its index.
  case damaged(what: String)
  /// The file ends before its index, or its picture data is not there.
  case truncated(what: String)
  /// More pixels, streams, frames or memory than allowed.
  case limit(what: String)
  /// A call of FFmpeg failed in a way that none of the above explains.
  case ffmpeg(call: String, code: Int32)

  /// A container without a single packet of the video.
  static let noPictures = MediaError.truncated(what: "the container holds no picture data")

  /// The failure reason of the manifest.
  public var reason: Reason {
    switch self {
    case .notVideo: .notVideo
    case .playlist: .refused
    case .unsupported: .unsupported
    case .encrypted: .encrypted
    case .damaged, .ffmpeg: .unreadable
    case .truncated: .truncated
    case .limit: .limit
    }
  }

  /// What a failed call means: a lack of memory is a limit, anything else is for `otherwise` to say.
  static func failure(of doing: String, code: Int32, otherwise: (String) -> MediaError) -> MediaError {
    switch code {
    case shim_out_of_memory(): .limit(what: "not enough memory, \(doing)")
    case shim_io_error(): .ffmpeg(call: "reading the file, \(doing),", code: code)
    default: otherwise(errorText(code))
    }
  }
}

extension MediaError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notVideo(let what): "not a video: \(what)"
    case .playlist(let format): "a playlist (\(format)), which would open other files: scan those files themselves"
    case .unsupported(let what): "\(what) is not decoded here: convert the video to a common format first"
    case .encrypted: "the video is encrypted: decrypt it first"
    case .damaged(let what): "damaged or incomplete: \(what)"
    case .truncated(let what): "cut off: \(what)"
    case .limit(let what): "over the limit: \(what)"
    case .ffmpeg(let call, let code): "\(call) failed: \(errorText(code))"
    }
  }
}

/// FFmpeg's words for an error code.
func errorText(_ code: Int32) -> String {
  // Some of its parts return this for want of a better code, and its text would be "Operation not permitted".
  if code == -1 { return "an error without a reason" }
  if code == shim_refused() { return "it refers to another file, which is not opened" }
  var text = [CChar](repeating: 0, count: 128)
  shim_error_text(code, &text, text.count)
  let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return bytes.isEmpty ? "error \(code)" : String(decoding: bytes, as: UTF8.self)
}
