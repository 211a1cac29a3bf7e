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

  @Test("no interval from fewer than ten sources, or if most resamples have no value", arguments: [1, 3, 9, 10])
  func undefined(sources: Int) {
    let count = 20
    let data = ScoredLabels(
      scores: (0..<count).map { Double($0 % 7) / 10 }, labels: (0..<count).map { $0.isMultiple(of: 2) })
    var generator = CongruentialGenerator(state: 5)
    let bootstrap = Bootstrap(groups: (0..<count).map { "s\($0 % sources)" }, resamples: 100)
    #expect((bootstrap.interval(of: data, using: &generator, statistic: Self.auc) != nil) == (sources >= 10))
    #expect((Interval.wilson(successes: 20, trials: 20, sources: sources) != nil) == (sources >= 10))
    #expect((Jackknife.interval(of: 1, sources: sources) { Double($0) } != nil) == (sources >= 10))
    #expect((Interval.shortage(of: sources) == nil) == (sources >= 10))
    #expect(bootstrap.intervals(using: &generator) { _ in [nil] } == [nil])
  }

  @Test("a fraction that every resample gives as 1 has an interval with a width")
  func bounded() throws {
    let items = (0..<24).map {
      DetectorPerformance.Item(
        score: $0 < 12 ? 0.9 : 0.1, isFake: $0 < 12, source: "s\($0)", method: $0 < 12 ? "m" : "", dataset: "d")
    }
    var generator = CongruentialGenerator(state: 6)
    let measured = DetectorPerformance(
      of: items, unit: "videos", thresholds: [("fake", 0.5)], settings: .init(), using: &generator)
    for figure in measured.figures + measured.decisions[0].figures where figure.value == 1 {
      #expect(try #require(figure.lower) < 0.8 && figure.upper == 1, "\(figure.name)")
    }
  }
}
