import Testing
import Verdicts

@Suite("Run summary")
struct RunSummaryTests {
  @Test("counts by verdict and by reason, in one line")
  func line() throws {
    var summary = RunSummary()
    #expect(summary.line == "0 videos")
    for record in try Examples.all() { summary.add(record.finding) }
    summary.add(Examples.failed("x", .notVideo).finding)
    #expect(summary.count(.fake) == 1)
    #expect(summary.count(.failed) == 2)
    #expect(summary.videos == 6)
    #expect(summary.reasons[.notVideo] == 1)
    #expect(
      summary.line
        == "6 videos: 1 fake, 1 undecided, 1 with no sign of manipulation found, 1 no face, 2 failed (1 not video, 1 truncated)"
    )
  }
}
