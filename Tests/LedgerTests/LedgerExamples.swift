import Ledger
import Verdicts

/// Values that several tests use.
enum LedgerExamples {
  static let key = VerdictKey(modelHash: "model", settingsHash: "settings")
  static let otherModel = VerdictKey(modelHash: "other", settingsHash: "settings")

  static let context = ScanContext(
    model: ModelRecord(name: "paper-cnn", sha256: key.modelHash), thresholds: Thresholds(real: 0.4, fake: 0.7),
    detector: "hog", decoder: DecoderRecord(name: "ffmpeg", versions: [:]),
    settings: SettingsRecord(values: [:], hash: key.settingsHash))

  static func time(_ seconds: Int64) -> Timestamp { Timestamp(nanosecondsSinceEpoch: seconds * 1_000_000_000) }

  static func identity(inode: UInt64 = 7, modified: Int64 = 100) -> FileIdentity {
    FileIdentity(
      device: .max, inode: inode, sizeBytes: 5, modifiedNanoseconds: modified * 1_000_000_000, changedNanoseconds: 3)
  }

  static func record(_ path: VideoPath, _ finding: Finding = .noFace, sha256: String = "aa") -> VideoRecord {
    VideoRecord(
      source: VideoSource(path: path, sizeBytes: 5, mtime: time(100), sha256: sha256),
      content: VideoContent(frames: FrameCounts(asked: 16)), finding: finding, context: context)
  }

  static func failed(_ path: VideoPath, _ reason: FailureReason) -> VideoRecord {
    record(path, .failed(reason, message: "so it is"))
  }

  static func run(_ ledger: Ledger, _ key: VerdictKey = key, version: String = "1") throws -> LedgerRun {
    try ledger.beginRun(at: time(1000), assayVersion: version, host: "here", key: key)
  }
}
