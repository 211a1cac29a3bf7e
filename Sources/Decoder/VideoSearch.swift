import Faces
import Foundation
import Isolation
import Media
package import Runs
import Verdicts

/// Finds the videos among the files of a walk: those with a name of videos, and those whose content is one.
///
/// A decoder process looks at the content, in its sandbox; this process reads none of it.
package struct VideoSearch: Sendable {
  package let walk: InputWalk

  /// - Parameters:
  ///   - inputs: files and folders.
  ///   - onlyExtensions: leave out files in folders that have no extension of videos.
  package init(inputs: [[UInt8]], followSymlinks: Bool, onlyExtensions: Bool = false) {
    walk = InputWalk(inputs: inputs, followSymlinks: followSymlinks, onlyExtensions: onlyExtensions)
  }

  /// Calls `body` for each video until it returns false.
  ///
  /// - Parameter knows: whether a file is known to be a video, so that it need not be opened.
  package func forEach(
    knows: (InputWalk.File) -> Bool = { _ in false }, _ body: (InputWalk.File) -> Bool
  ) -> InputWalk.Report {
    let prober = ContentProber()
    var accepted = 0
    var others = 0
    var report = walk.forEach { file in
      if file.needsProbe, !knows(file), !prober.isVideo(file.path) {
        others += 1
        return true
      }
      accepted += 1
      return body(file)
    }
    report.accepted = accepted
    for _ in 0..<others { report.leftOut.add(.notVideo) }
    return report
  }

  /// All videos, for commands that need the whole list.
  package func all() -> (paths: [[UInt8]], report: InputWalk.Report) {
    var paths: [[UInt8]] = []
    let report = forEach { file in
      paths.append(file.path)
      return true
    }
    return (paths, report)
  }
}

extension InputWalk.Report {
  /// One sentence per kind of thing that has no row.
  package var notes: [String] { failures.map { "warning: \($0.text)" } + [leftOut.line].compactMap(\.self) }
}

/// Asks a decoder process what files are; the process starts with the first question.
package final class ContentProber {
  private var process = WorkerProcess(
    DecoderClient.command(detector: FaceDetectorChoice.usual, memoryMiB: DecoderClient.defaultMemoryMiB),
    maximumMessageBytes: 1 << 10, recycleAfter: 1000)
  /// Reading the beginning of a file takes milliseconds.
  private static let timeLimitSeconds = 30.0

  package init() {}

  /// Whether the file is a video, or cannot be read, or makes the process crash or hang: in doubt it gets a row.
  package func isVideo(_ path: [UInt8]) -> Bool {
    do {
      let file = try InputFile.open(path, followSymlinks: true)
      try process.send(
        WorkerMessage(kind: ContentMessage.requestKind), descriptor: file.descriptor.raw,
        timeLimitSeconds: Self.timeLimitSeconds)
      var isVideo = true
      while case .message(let message) = try process.receive() {
        if message.kind == WorkerMessage.endKind { return isVideo }
        isVideo = message.payload != [0]
      }
      return true
    } catch {
      return true
    }
  }
}

/// Protocol by which a walk asks a decoder process whether a file is a video.
///
/// The request carries the descriptor; the answer is one byte, 1 for a video and 0 for anything else.
enum ContentMessage {
  static let requestKind: UInt32 = 203
  static let answerKind: UInt32 = 204

  static func answer(_ descriptor: CInt, over connection: borrowing WorkerConnection) throws {
    let isVideo = ContentProbe.isVideo(descriptor: descriptor)
    try connection.send(WorkerMessage(kind: answerKind, payload: [isVideo ? 1 : 0]))
    try connection.end()
  }
}
