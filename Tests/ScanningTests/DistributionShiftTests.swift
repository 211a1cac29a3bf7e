import Compute
import Ledger
import Testing
import Verdicts

@testable import Scanning

@Suite("Shift of what runs scan")
struct DistributionShiftTests {
  private static let context = ScanContext(
    model: ModelRecord(name: "m", sha256: "model"), thresholds: Thresholds(real: 0.4, fake: 0.7), detector: "d",
    decoder: DecoderRecord(name: "ffmpeg", versions: [:]), settings: SettingsRecord(values: [:], hash: "settings"))

  /// Videos of which so many have no face, in a container.
  private static func distribution(_ videos: Int, noFace: Int, container: String = "mov") -> RunDistribution {
    (0..<videos).reduce(into: RunDistribution()) { result, index in
      result.add(
        VideoRecord(
          source: VideoSource(path: VideoPath("\(index)")),
          content: VideoContent(frames: FrameCounts(asked: 16), container: container, codec: "h264"),
          finding: index < noFace ? .noFace : .failed(.truncated, message: ""), context: context))
    }
  }

  @Test("a change of faces or containers is a shift where there are enough videos; equal mixtures are none")
  func shifts() throws {
    func found(_ now: RunDistribution, _ before: RunDistribution) -> [DistributionShift.Kind] {
      DistributionShift.shifts(of: now, from: before).filter(\.isShift).map(\.kind)
    }
    let before = Self.distribution(400, noFace: 40)
    #expect(found(Self.distribution(100, noFace: 10), before) == [])
    #expect(found(Self.distribution(100, noFace: 60), before) == [.faces])
    #expect(found(Self.distribution(100, noFace: 10, container: "avi"), before) == [.containers])
    // Three of four is nothing that chance would not do with four videos.
    #expect(found(Self.distribution(4, noFace: 2), Self.distribution(6, noFace: 1)) == [])
    // No video has a score, so nothing is said of scores.
    #expect(!DistributionShift.shifts(of: before, from: before).map(\.kind).contains(.scores))
    #expect(DistributionShift.shifts(of: before, from: nil).isEmpty)
  }

  @Test("the reference is the last runs with the same model and settings that scanned something")
  func reference() throws {
    let ledger = try Ledger.inMemory()
    func run(_ key: VerdictKey, _ distribution: RunDistribution) throws {
      let run = try ledger.beginRun(
        at: Timestamp(nanosecondsSinceEpoch: 1), assayVersion: "1", host: "h", key: key)
      try ledger.finish(
        run, at: Timestamp(nanosecondsSinceEpoch: 2), isComplete: true, newlyScanned: distribution)
    }
    #expect(DistributionShift.reference(try ledger.runs(last: nil), for: Self.context) == nil)
    try run(VerdictKey(Self.context), Self.distribution(1000, noFace: 0))
    for _ in 0..<DistributionShift.referenceRuns { try run(VerdictKey(Self.context), Self.distribution(3, noFace: 1)) }
    try run(VerdictKey(modelHash: "other", settingsHash: "settings"), Self.distribution(9, noFace: 9))
    try run(VerdictKey(Self.context), RunDistribution())
    let reference = try #require(DistributionShift.reference(try ledger.runs(last: nil), for: Self.context))
    #expect(reference.videos == 3 * DistributionShift.referenceRuns)
    #expect(reference.count(.noFace) == DistributionShift.referenceRuns)
  }
}
