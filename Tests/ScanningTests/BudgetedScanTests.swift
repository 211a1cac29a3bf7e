import Ledger
import Testing
import Verdicts

@testable import Runs
@testable import Scanning

@Suite("Order of whole looks")
struct BudgetedScanTests {
  private func look(
    _ name: String, _ verdict: Verdict, _ score: Double? = nil, _ reason: FailureReason? = nil, failures: Int = 0
  ) -> FirstPass {
    FirstPass(
      path: Array(name.utf8), verdict: verdict, score: score, reason: reason, failures: failures,
      failureVersion: assayVersion)
  }

  @Test("the uncertain ones first, what failed last, and what crashes again and again not at all")
  func order() {
    let looks = [
      look("broken", .failed, nil, .truncated), look("crasher", .failed, nil, .crashed, failures: 3),
      look("sure-fake", .fake, 0.99), look("sure-real", .real, 0.05), look("no-face", .noFace),
      look("near-2", .real, 0.38), look("near-1", .real, 0.38), look("nearer", .fake, 0.71),
      look("b", .undecided, 0.55),
      look("a", .undecided, 0.42), look("once", .failed, nil, .crashed, failures: 1),
    ]
    let ordered = BudgetedScan.ordered(looks, by: Thresholds(real: 0.4, fake: 0.7))
    #expect(
      ordered.map { String(decoding: $0, as: UTF8.self) } == [
        "a", "b", "nearer", "near-1", "near-2", "no-face", "sure-fake", "sure-real", "broken", "once",
      ])
    #expect(BudgetedScan.ordered(looks.reversed(), by: Thresholds(real: 0.4, fake: 0.7)) == ordered)
  }
}
