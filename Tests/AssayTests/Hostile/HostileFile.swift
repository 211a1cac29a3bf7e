import Foundation
import TestSupport
import Verdicts

/// A file that means no good, and what a scan has to say of it.
struct HostileFile: Sendable {
  enum Expectation: Sendable {
    /// No verdict, for one of these reasons.
    case failed(Set<FailureReason>)
    /// A verdict from what can be decoded, with a warning of one of these kinds.
    case warned(Set<WarningRecord.Code>)
    /// Either of the two: it depends on where the damage lies.
    case damaged
    /// A verdict, without a warning.
    case clean

    /// What the row says that it should not; nil when all is well.
    func complaint(about row: VideoRecord) -> String? {
      // That the crops are not the model's own is said of every row.
      let codes = row.warnings.map(\.code).filter { $0 != .cropSettings }
      let found = "\(row.finding.verdict.rawValue) \(row.finding.reason?.rawValue ?? "") \(row.finding.message ?? "")"
      let text = "\(found) \(row.warnings.map { "\($0.code.rawValue) (\($0.count)): \($0.message)" })"
      let isFine =
        switch self {
        case .failed(let reasons): row.finding.reason.map(reasons.contains) ?? false
        case .warned(let kinds): row.finding.verdict != .failed && codes.contains(where: kinds.contains)
        case .damaged: row.finding.verdict == .failed || !codes.isEmpty
        case .clean: row.finding.verdict != .failed && codes.isEmpty
        }
      return isFine ? nil : text
    }
  }

  let name: String
  let expected: Expectation
  /// Makes the file of that path, from what the workshop has.
  let make: @Sendable (HostileWorkshop, String) throws -> Void

  init(_ name: String, _ expected: Expectation, make: @escaping @Sendable (HostileWorkshop, String) throws -> Void) {
    (self.name, self.expected, self.make) = (name, expected, make)
  }

  /// A file of these bytes.
  init(_ name: String, _ expected: Expectation, bytes: @escaping @Sendable (HostileWorkshop) throws -> Bytes) {
    self.init(name, expected) { workshop, path in try bytes(workshop).write(to: path) }
  }

  init(_ name: String, _ expected: Expectation, text: @escaping @Sendable (HostileWorkshop) -> String) {
    self.init(name, expected) { workshop, path in try Bytes(text(workshop)).write(to: path) }
  }
}

/// What hostile files are made of: whole clips, a secret beside the scanned folder, a port that nobody may call.
final class HostileWorkshop: Sendable {
  private let folder = ScratchFolder()
  /// Of a listener on this machine.
  let port: UInt16

  init(port: UInt16) throws {
    self.port = port
    try Bytes("this must not be read").write(to: secret)
  }

  /// A file whose name must not turn up among those that are opened.
  var secret: String { folder.path("canary-secret.mp4") }

  /// The bytes of a clip that `ffmpeg` makes.
  func clip(_ name: String, _ arguments: [String]) throws -> Bytes {
    let path = folder.path(name)
    if !FileManager.default.fileExists(atPath: path) {
      let result = try ExternalProgram.run(["ffmpeg", "-v", "error", "-y", "-threads", "1"] + arguments + [path])
      guard result.code == 0 else { throw ScratchFolder.ClipError(output: result.output) }
    }
    return try Bytes(contentsOf: path)
  }

  static let pattern = ["-f", "lavfi", "-i", "testsrc2=s=160x128:r=25:d=2"]
  static let sound = ["-f", "lavfi", "-i", "sine=d=1"]
  static let x264 = pattern + ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "20"]

  /// An MP4 whose index stands in front or behind.
  func movie(indexInFront: Bool) throws -> Bytes {
    indexInFront
      ? try clip("front.mp4", Self.x264 + ["-movflags", "faststart"]) : try clip("behind.mp4", Self.x264)
  }
}
