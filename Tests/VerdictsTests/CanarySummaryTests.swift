import Testing
import Verdicts

@Suite("Recall of canaries")
struct CanarySummaryTests {
  private func canary(_ guise: CanaryGuise, _ logit: Double) throws -> CanaryRecord {
    CanaryRecord(guise: guise, video: try Examples.judged("c.mp4", [Examples.track(1, [logit, logit])]))
  }

  @Test("perturbed canaries are counted separately from the floor; a canary without a verdict counts as missed")
  func recall() throws {
    let canaries = [
      try canary(.plain, 3), try canary(.plain, 0), try canary(.recompressed, 4), try canary(.perturbed, -3),
      CanaryRecord(guise: .plain, video: Examples.failed("c.mp4")),
    ]
    let summary = CanarySummary(canaries, floor: 0.5)
    #expect(summary.recall == 0.5 && !summary.isBelowFloor)
    #expect(summary.recalls == [.plain: 0.333333, .recompressed: 1, .perturbed: 0])
    #expect(summary.guises[.plain]?.verdicts[.failed] == 1)
    #expect(summary.line == "canaries: 2 of 4 found (recall 0.5), 0 of 1 when perturbed")
    #expect(CanarySummary(canaries, floor: 0.51).isBelowFloor)
    #expect(!CanarySummary(canaries, floor: nil).isBelowFloor)
  }
}
