import Metrics
import Testing

@Suite("Bootstrap by source")
struct BootstrapTests {
  private static let golden = GoldenMetrics.cases[1]

  private static func auc(_ data: ScoredLabels) -> Double? { ThresholdCurve(data).auc }

  @Test("the interval is seeded and contains the estimate")
  func seeded() throws {
    let data = Self.golden.data
    let bootstrap = Bootstrap(groups: data.scores.indices.map { "g\($0)" }, resamples: 400)
    var first = CongruentialGenerator(state: 3)
    var second = CongruentialGenerator(state: 3)
    let interval = try #require(bootstrap.interval(of: data, using: &first, statistic: Self.auc))
    #expect(bootstrap.interval(of: data, using: &second, statistic: Self.auc) == interval)
    #expect((interval.lower...interval.upper).contains(Self.golden.auc))
    // DeLong's 95 % interval is about as wide as this.
    #expect(0.05...0.15 ~= interval.upper - interval.lower)
  }

  @Test("copies of an item add no information within a source, but appear to across sources")
  func clusters() throws {
    let data = Self.golden.data
    let copies = data.selecting((0..<10).flatMap { _ in Array(0..<100) })
    var generator = CongruentialGenerator(state: 4)
    func width(_ groups: [String]) throws -> Double {
      let interval = try #require(
        Bootstrap(groups: groups, resamples: 300).interval(of: copies, using: &generator, statistic: Self.auc))
      return interval.upper - interval.lower
    }
    let honest = try width(copies.scores.indices.map { "g\($0 % 100)" })
    let naive = try width(copies.scores.indices.map { "g\($0)" })
    #expect(honest > 2 * naive)
  }

  @Test("no interval from one source, or if most resamples have no value")
  func undefined() {
    let data = ScoredLabels(scores: [0.1, 0.9], labels: [false, true])
    var generator = CongruentialGenerator(state: 5)
    #expect(Bootstrap(groups: ["a", "a"]).interval(of: data, using: &generator, statistic: Self.auc) == nil)
    let rare = Bootstrap(groups: ["a", "b"], resamples: 100)
    let intervals = rare.intervals(using: &generator) { _ in [nil, 1] }
    #expect(intervals == [nil, Interval(lower: 1, upper: 1)])
  }
}
