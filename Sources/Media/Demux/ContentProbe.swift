import CFFmpeg

/// What a file without a telling name holds.
public enum ContentProbe {
  /// Scores up to this one are FFmpeg's guesses: text and random bytes reach it.
  private static let mostGuess = CInt(25)

  /// Whether the file's first bytes are those of a container with a video in it, or of one that is damaged, encrypted
  /// or over a limit: such a file is for the decoder to judge.
  ///
  /// - Parameter descriptor: of a regular file; stays the caller's.
  public static func isVideo(descriptor: CInt) -> Bool {
    do throws(MediaError) {
      guard try hasVideoFormat(descriptor) else { return false }
      _ = try Demuxer(descriptor: descriptor, limits: DecodeLimits(), scope: .video)
      return true
    } catch {
      return error.reason != .notVideo && error.reason != .refused
    }
  }

  private static func hasVideoFormat(_ descriptor: CInt) throws(MediaError) -> Bool {
    av_log_set_level(AV_LOG_QUIET)
    let input = try InputDescriptor(descriptor)
    var format: UnsafePointer<AVInputFormat>?
    let score = av_probe_input_buffer2(input.context, &format, "", nil, 0, 0)
    if score > mostGuess, let format,
      ContainerPolicy.decision(format: String(cString: format.pointee.name)) == .allowed
    {
      return true
    }
    return ElementaryStream(descriptor: descriptor) != nil
  }
}
