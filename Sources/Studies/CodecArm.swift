import Media
import Runs

/// One compression arm: the original footage, or footage re-encoded one or more times.
struct CodecArm: Sendable, Hashable {
  /// As in the settings file: `h264:28`, `h265:30:half`, or a chain such as `h264:28>h264:28`.
  let name: String
  /// Nil for the original.
  let recompression: Recompression?

  static let original = CodecArm(name: "original", recompression: nil)

  /// Whether the installed FFmpeg has the encoders.
  var isAvailable: Bool { recompression.map(Self.codecs)?.allSatisfy(\.isAvailable) ?? true }

  private static func codecs(_ recompression: Recompression) -> [VideoCodec] {
    [recompression.codec] + recompression.then.flatMap(codecs)
  }

  private init(name: String, recompression: Recompression?) {
    self.name = name
    self.recompression = recompression
  }

  /// - Throws: `WorkflowError.settings` for an invalid name.
  init(_ text: String) throws(WorkflowError) {
    let steps = try text.split(separator: ">", omittingEmptySubsequences: false).map { part throws(WorkflowError) in
      let words = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard (2...3).contains(words.count), let codec = VideoCodec(rawValue: words[0]), let crf = Int(words[1]),
        (0...51).contains(crf), words.count == 2 || words[2] == "half"
      else {
        throw .usage(
          "'\(text)' is not an encoding: use h264:CRF or h265:CRF, optionally followed by :half for half the size, and > between "
            + "consecutive encodings, for example h264:28:half>h264:28")
      }
      return Recompression(crf: crf, isHalfSize: words.count == 3, codec: codec)
    }
    var first = steps[0]
    first.then = Array(steps.dropFirst())
    self.init(name: text, recompression: first)
  }
}
