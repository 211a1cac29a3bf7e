import Glibc
import Testing

@testable import Isolation

@Suite("Time budget")
struct TimeBudgetTests {
  @Test("only time inside spend counts, not the time in which the caller does something else")
  func slowCaller() {
    var budget = TimeBudget(seconds: 3600)
    usleep(1000)
    #expect(budget.remainingSeconds == 3600)
    let spent = budget.spend { _ in SuspendingClock().measure { usleep(1000) } }
    let remaining = budget.remainingSeconds
    #expect(remaining <= 3600 - spent / .seconds(1))
    usleep(1000)
    #expect(budget.remainingSeconds == remaining)
  }

  @Test("a budget that is used up leaves no time to wait")
  func usedUp() {
    var budget = TimeBudget(seconds: 1e-9)
    budget.spend { _ in _ = usleep(1000) }
    #expect(budget.remainingSeconds < 0)
    #expect(budget.spend { $0.pollTimeoutMilliseconds } == 0)
  }
}
