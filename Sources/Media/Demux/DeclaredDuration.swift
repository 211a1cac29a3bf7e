import CFFmpeg

/// What a container declares of its duration: its header's word, without FFmpeg's guesses from bit rates, timestamps at
/// the end of the file, or other streams.
struct DeclaredDuration {
  /// Of the video stream itself.
  private(set) var streamSeconds: Double?
  /// Of the whole container, that is of its longest stream.
  private(set) var containerSeconds: Double?
  /// Of the longest stream that has a duration of its own.
  private(set) var longestStreamSeconds: Double?
  /// Whether the format declares durations at all.
  let isComparable: Bool
  private let format: Format
  /// By the streams' numbers.
  private let streams: [Double?]

  private enum Format {
    /// Headers declare a duration of each stream.
    case perStream
    /// Headers declare the duration of the container; what streams have is copied from it.
    case whole
    /// That duration is in the first packet.
    case firstPacket
    /// Durations are FFmpeg's reading of the end of the file.
    case none

    init(_ name: String) {
      switch name {
      case "asf", "asf_o": self = .whole
      case "flv", "live_flv": self = .firstPacket
      case "mpegts", "mpeg", "ogg", "dv": self = .none
      default: self = .perStream
      }
    }
  }

  /// - Parameter context: opened, before its streams are probed.
  init(_ context: UnsafeMutablePointer<AVFormatContext>, descriptor: CInt) {
    let name = String(cString: context.pointee.iformat.pointee.name)
    format = Format(name)
    isComparable = format != .none
    streams = (0..<Int(context.pointee.nb_streams)).map { number in
      context.pointee.streams[number].flatMap(Self.seconds(of:))
    }
    switch format {
    case .perStream:
      longestStreamSeconds = streams.compactMap { $0 }.max()
      let isUnknown = name.hasPrefix("mov,") && MovieBoxes(descriptor: descriptor).hasUnknownDuration
      containerSeconds = isUnknown ? nil : Self.seconds(of: context)
    case .whole: containerSeconds = Self.seconds(of: context) ?? streams.compactMap { $0 }.max()
    case .firstPacket, .none: break
    }
  }

  /// - Parameter context: with its streams probed.
  mutating func choose(_ stream: UnsafeMutablePointer<AVStream>, of context: UnsafeMutablePointer<AVFormatContext>) {
    let number = Int(stream.pointee.index)
    switch format {
    case .perStream: streamSeconds = streams.indices.contains(number) ? streams[number] : nil
    case .firstPacket:
      // Without a declaration FFmpeg takes the last timestamp, which is no less true.
      containerSeconds = Self.seconds(of: context)
    case .whole, .none: break
    }
  }

  /// What the video's duration is compared with.
  var seconds: Double? { streamSeconds ?? containerSeconds }

  /// Whether a duration is less than another by more than rounding, or sound that ends later, explains: two per cent and
  /// half a second.
  static func isClearly(_ seconds: Double, below declared: Double) -> Bool {
    seconds < declared - 0.02 * min(declared, max(seconds, 0)) - 0.5
  }

  private static func seconds(of stream: UnsafeMutablePointer<AVStream>) -> Double? {
    let (ticks, base) = (stream.pointee.duration, stream.pointee.time_base)
    // All bits set mean that the duration is not known (ISO/IEC 14496-12, 8.4.2.3).
    guard ticks != shim_no_pts(), ticks > 0, ticks != Int64(UInt32.max), base.num > 0, base.den > 0 else { return nil }
    return Double(ticks) * av_q2d(base)
  }

  private static func seconds(of context: UnsafeMutablePointer<AVFormatContext>) -> Double? {
    let total = context.pointee.duration
    return total != shim_no_pts() && total > 0 ? Double(total) / Double(AV_TIME_BASE) : nil
  }
}
