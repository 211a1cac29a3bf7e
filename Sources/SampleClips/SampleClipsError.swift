/// Why a sample clip could not be written.
enum SampleClipsError: Error, CustomStringConvertible {
  case ffmpegNotStarted(reason: String)
  case ffmpegFailed(clip: String, status: Int32)
  case fileNotWritten(path: String, reason: String)
  case manifestNotRead(path: String, reason: String)

  var description: String {
    switch self {
    case .ffmpegNotStarted(let reason): "cannot start ffmpeg (\(reason)); install the package ffmpeg"
    case .ffmpegFailed(let clip, let status): "ffmpeg ended with status \(status) while writing \(clip)"
    case .fileNotWritten(let path, let reason): "cannot write \(path): \(reason)"
    case .manifestNotRead(let path, let reason): "cannot read the manifest \(path): \(reason)"
    }
  }
}
