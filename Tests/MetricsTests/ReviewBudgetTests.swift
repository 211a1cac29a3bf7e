import Metrics
import Testing

@Suite("Review budgets")
struct ReviewBudgetTests {
  /// Ten fakes, of which eight score above all real ones but one; a hundred real ones.
  private static let data = ScoredLabels(
    scores: Array(repeating: 0.9, count: 8) + [0.3, 0.2] + [0.95] + Array(repeating: 0.1, count: 99),
    labels: Array(repeating: true, count: 10) + Array(repeating: false, count: 100))

  @Test("the lowest threshold within the review capacity")
  func fitting() throws {
    // A fifth of 1000 videos is fake: from 0.9 on 160 fakes and 8 real ones are flagged.
    let budget = ReviewBudget(prevalence: 0.2, videos: 1000, reviews: 168)
    let expectation = try #require(budget.expectation(ThresholdCurve(Self.data)))
    #expect(expectation.threshold == 0.9)
    #expect(abs(expectation.flagged - 168) < 1e-9)
    #expect(abs(expectation.found - 160) < 1e-9)
    #expect(abs(expectation.missed - 40) < 1e-9)
    #expect(abs(try #require(expectation.precision) - 160.0 / 168) < 1e-12)
  }

  @Test("a smaller capacity raises the threshold")
  func scarce() throws {
    let budget = ReviewBudget(prevalence: 0.2, videos: 1000, reviews: 167)
    let expectation = try #require(budget.expectation(ThresholdCurve(Self.data)))
    #expect(expectation.threshold == 0.95)
    #expect(expectation.precision == 0)
  }

  @Test("if even the highest score flags too many, none is flagged")
  func none() throws {
    let expectation = try #require(
      ReviewBudget(prevalence: 0.001, videos: 1_000_000, reviews: 1).expectation(ThresholdCurve(Self.data)))
    #expect(expectation.threshold == .infinity)
    #expect(expectation.flagged == 0)
    #expect(expectation.precision == nil)
  }

  @Test("precision falls with prevalence")
  func rare() throws {
    let budget = ReviewBudget(prevalence: 0.001, videos: 100_000, reviews: 2000)
    let expectation = try #require(budget.expectation(ThresholdCurve(Self.data)))
    #expect(expectation.threshold == 0.2)
    #expect(abs(expectation.found - 100) < 1e-9)
    #expect(abs(expectation.flagged - (100 + 0.01 * 99_900)) < 1e-9)
    #expect(try #require(expectation.precision) < 0.1)
  }

  @Test("no result without both classes")
  func oneClass() {
    let fakes = ScoredLabels(scores: [0.5], labels: [true])
    #expect(ReviewBudget(prevalence: 0.5, videos: 10, reviews: 5).expectation(ThresholdCurve(fakes)) == nil)
  }
}
