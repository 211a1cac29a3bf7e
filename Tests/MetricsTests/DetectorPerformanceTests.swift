import Metrics
import Testing

@Suite("Detector performance")
struct DetectorPerformanceTests {
  /// Twenty sources of one real and one fake item each; the first fourteen fakes score above all real ones.
  private static let items: [DetectorPerformance.Item] = (0..<20).flatMap { source in
    let isFound = source < 14
    return [
      DetectorPerformance.Item(
        score: Double(source) * 0.02, isFake: false, source: "s\(source)", method: "real", dataset: "a"),
      DetectorPerformance.Item(
        score: isFound ? 0.8 : 0.1 + Double(source) * 0.001, isFake: true, source: "s\(source)",
        method: isFound ? "easy" : "hard", dataset: "a"),
    ]
  }

  private func performance() -> DetectorPerformance {
    var generator = CongruentialGenerator(state: 6)
    var settings = DetectorPerformance.Settings()
    settings.resamples = 300
    settings.precisions = [0.9, 1]
    settings.budget = ReviewBudget(prevalence: 0.1, videos: 100, reviews: 8)
    return DetectorPerformance(
      of: Self.items, unit: "crops", thresholds: [("undecided and fake", 0.3), ("fake", 0.7)], settings: settings,
      using: &generator)
  }

  @Test("counts, decisions and metrics are consistent")
  func whole() throws {
    let performance = performance()
    #expect(performance.count == 40 && performance.fakes == 20 && performance.sources == 20)
    #expect(performance.prevalence == 0.5)
    let sure = performance.decisions[1]
    #expect(sure.threshold == 0.7)
    #expect(sure.confusion.truePositives == 14 && sure.confusion.falsePositives == 0)
    #expect(sure.figures.map(\.name) == ["precision", "recall", "F1", "accuracy", "balanced accuracy"])
    #expect(sure.figures.map(\.value)[..<2] == [1, 0.7])
    let recall = sure.figures[1]
    let (lower, upper) = (try #require(recall.lower), try #require(recall.upper))
    #expect((0.4...0.7).contains(lower) && (0.7...0.95).contains(upper))
    #expect(performance.decisions[0].confusion.falsePositives == 5)
    #expect(performance.figures.first?.name == "AUC")
  }

  @Test("recall at a given precision")
  func fixedPrecision() {
    let recalls = performance().recallAtPrecision
    #expect(recalls.map(\.name) == ["precision 0.9", "precision 1.0"])
    #expect(recalls[1].confusion.truePositives == 14 && recalls[1].confusion.falsePositives == 0)
  }

  @Test("each manipulation is compared with all real items")
  func methods() {
    let methods = performance().methods
    #expect(methods.map(\.name) == ["easy", "hard"])
    #expect(methods.map(\.count) == [14, 6])
    #expect(methods[0].auc == 1 && methods[0].recall == 1)
    #expect(methods[1].recall == 0)
  }

  @Test("a review budget is used completely")
  func workload() throws {
    let workload = try #require(performance().workload)
    #expect(workload.expectation.threshold == 0.8)
    #expect(abs(workload.expectation.flagged - 7) < 1e-9)
    #expect(workload.expectation.precision == 1)
    // None of twenty real sources was flagged: up to one in six may be (Wilson), which is 14.5 of 90 real ones.
    let interval = try #require(workload.precisionInterval)
    #expect(abs(interval.lower - 7 / (7 + 90 * 0.1611)) < 0.001)
    #expect(interval.upper == 1)
  }
}
