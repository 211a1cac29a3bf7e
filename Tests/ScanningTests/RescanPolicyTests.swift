import Foundation
import Ledger
import Testing
import Verdicts

@testable import Runs
@testable import Scanning

@Suite("Which videos are scanned again")
struct RescanPolicyTests {
  private let key = VerdictKey(modelHash: "model", settingsHash: "settings")
  private let identity = Self.identity(modifiedSeconds: 100)
  private let path = VideoPath("a.mp4")

  private static func identity(modifiedSeconds: Int64) -> FileIdentity {
    FileIdentity(
      device: 1, inode: 2, sizeBytes: 3, modifiedNanoseconds: modifiedSeconds * 1_000_000_000, changedNanoseconds: 4)
  }

  /// What a ledger knows after one video ended like this, so many times.
  private func known(
    _ finding: Finding, times: Int = 1, openedSeconds: Int64 = 200, asSeenBy wanted: VerdictKey? = nil
  ) throws -> KnownVideo {
    let ledger = try Ledger.inMemory()
    let run = try ledger.beginRun(
      at: Timestamp(nanosecondsSinceEpoch: 0), assayVersion: assayVersion, host: "here", key: key)
    let context = ScanContext(
      model: ModelRecord(name: "m", sha256: key.modelHash), thresholds: Thresholds(real: 0.5, fake: 0.5),
      detector: "hog", decoder: DecoderRecord(name: "ffmpeg", versions: [:]),
      settings: SettingsRecord(values: [:], hash: key.settingsHash))
    let record = VideoRecord(
      source: VideoSource(path: path), content: VideoContent(frames: FrameCounts(asked: 1)), finding: finding,
      context: context)
    for _ in 0..<times {
      try ledger.record(
        record, identity: identity, openedAt: Timestamp(nanosecondsSinceEpoch: openedSeconds * 1_000_000_000), in: run)
    }
    return try #require(try ledger.video(at: path.bytes, for: wanted ?? key))
  }

  private func isKept(
    _ known: KnownVideo?, _ identity: FileIdentity?, version: String = assayVersion,
    _ change: (inout LedgerOptions) -> Void = { _ in }
  ) -> Bool {
    var options = LedgerOptions()
    change(&options)
    if case .keep = RescanPolicy(options, version: version).decide(known, identity) { return true }
    return false
  }

  @Test("an unchanged video with a verdict keeps its row, unless --rescan is given")
  func unchanged() throws {
    let video = try known(.noFace)
    #expect(isKept(video, identity))
    #expect(isKept(video, identity) { $0.retryFailed = true })
    #expect(!isKept(video, identity) { $0.rescan = true })
  }

  @Test("a row of the model whose verdicts are to be kept is kept, and no other model's")
  func otherModel() throws {
    let ours = VerdictKey(modelHash: "0123456789abcdef", settingsHash: "settings")
    let video = try known(.noFace, asSeenBy: ours)
    #expect(video.row == nil)
    #expect(!isKept(video, identity))
    #expect(isKept(video, identity) { $0.keptModel = key.modelHash })
    #expect(!isKept(video, identity) { $0.keptModel = "0123456789ab" })
    #expect(!isKept(video, Self.identity(modifiedSeconds: 150)) { $0.keptModel = key.modelHash })
    // The row of the model in use counts before that.
    #expect(isKept(try known(.noFace), identity) { $0.keptModel = "0123456789ab" })
  }

  @Test("new, changed and vanished files are scanned, and those as new as their scan")
  func changed() throws {
    let video = try known(.noFace)
    #expect(!isKept(nil, identity))
    #expect(!isKept(video, Self.identity(modifiedSeconds: 101)))
    #expect(!isKept(video, nil))
    #expect(!isKept(try known(.noFace, openedSeconds: 101), identity))
  }

  @Test(
    "failures that last are kept, those that may pass are tried again",
    arguments: [
      (FailureReason.notVideo, true), (.truncated, true), (.limit, true), (.refused, true), (.unreadable, false),
      (.changed, false), (.crashed, false), (.timeout, false),
    ])
  func failures(reason: FailureReason, kept: Bool) throws {
    let video = try known(.failed(reason, message: ""))
    #expect(isKept(video, identity) == kept)
    #expect(!isKept(video, identity) { $0.retryFailed = true })
  }

  @Test("after three crashes a file is set aside until Assay's version changes; --retry-failed leaves it alone")
  func setAside() throws {
    #expect(!isKept(try known(.failed(.crashed, message: ""), times: 2), identity))
    let video = try known(.failed(.crashed, message: ""), times: 3)
    #expect(isKept(video, identity))
    #expect(isKept(video, identity) { $0.retryFailed = true })
    #expect(!isKept(video, identity, version: "other"))
    #expect(!isKept(video, identity) { $0.rescan = true })
    #expect(!isKept(video, Self.identity(modifiedSeconds: 50)))
  }

  @Test("--since leaves older files alone: with the row that they have, or out")
  func since() throws {
    let later: (inout LedgerOptions) -> Void = { $0.since = Date(timeIntervalSince1970: 150) }
    #expect(isKept(try known(.failed(.crashed, message: "")), identity, later))
    var options = LedgerOptions()
    later(&options)
    #expect(RescanPolicy(options).decide(nil, identity) == .leaveOut)
    #expect(RescanPolicy(options).decide(nil, Self.identity(modifiedSeconds: 151)) == .scan)
    #expect(RescanPolicy(options).decide(nil, nil) == .scan)
  }
}
