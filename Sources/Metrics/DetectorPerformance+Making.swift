extension DetectorPerformance {
  /// Settings of a measurement.
  public struct Settings: Sendable {
    /// Number of bootstrap resamples.
    public var resamples = 2000
    /// Precisions at which the recall is reported.
    public var precisions = [0.9, 0.95, 0.99]
    public var budget: ReviewBudget?

    public init() {}
  }

  /// - Parameters:
  ///   - thresholds: names and the scores from which an item counts as fake, ascending; at least one.
  ///   - generator: the same state gives the same intervals.
  public init(
    of items: [Item], unit: String, thresholds: [(name: String, score: Double)], settings: Settings,
    using generator: inout some RandomNumberGenerator
  ) {
    precondition(!thresholds.isEmpty, "a measurement needs a threshold")
    let data = ScoredLabels(items)
    let curve = ThresholdCurve(data)
    let bootstrap = Bootstrap(groups: items.map(\.source), resamples: settings.resamples)
    let fixed = settings.precisions.compactMap { precision in
      curve.threshold(forPrecision: precision).map { (precision, $0) }
    }

    // All statistics of one resample together: a single pass, and intervals that are mutually consistent.
    var statistics = Self.thresholdFree
    for threshold in thresholds { statistics += Self.atThreshold(threshold.score) }
    for (_, threshold) in fixed { statistics += Self.atThreshold(threshold) }
    if let budget = settings.budget {
      statistics.append(("precision", { _ in true }, { budget.expectation(ThresholdCurve($0))?.precision }))
    }
    let intervals = bootstrap.intervals(using: &generator) { drawn in
      let draw = data.selecting(drawn)
      return statistics.map { $0.value(draw) }
    }
    var rest = zip(statistics, intervals).map { statistic, drawn in
      statistic.value(data).map { value in
        let interval = Interval.bounding(
          value, drawn: drawn, sources: Self.sources(of: items, counting: statistic.counts))
        return Figure(name: statistic.name, value: value, lower: interval?.lower, upper: interval?.upper)
      }
    }[...]
    func take(_ count: Int) -> [Figure] {
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count).compactMap { $0 }
    }
    func decision(_ name: String, _ threshold: Double) -> Decision {
      Decision(
        name: name, threshold: threshold, confusion: ConfusionMatrix(data, threshold: threshold),
        figures: take(Self.atThreshold(threshold).count))
    }

    self.unit = unit
    count = data.count
    fakes = data.positives
    sources = bootstrap.sourceCount
    prevalence = data.prevalence ?? 0
    figures = take(Self.thresholdFree.count)
    decisions = thresholds.map { decision($0.name, $0.score) }
    recallAtPrecision = fixed.map { decision("precision \($0)", $1) }
    workload = settings.budget.flatMap { budget in
      budget.expectation(curve).map { expectation in
        Workload(
          budget: budget, expectation: expectation,
          precisionInterval: Self.precisionInterval(expectation, budget, items, drawn: intervals.last.flatMap { $0 }))
      }
    }
    let lowest = thresholds[0].score
    methods = Self.parts(
      of: items, by: \.method, names: Set(items.filter(\.isFake).map(\.method)), withAllReal: true, lowest, settings,
      using: &generator)
    datasets = Self.parts(
      of: items, by: \.dataset, names: Set(items.map(\.dataset)), withAllReal: false, lowest, settings,
      using: &generator)
  }

  /// If no real item was flagged, all resamples agree, and a bootstrap interval would wrongly be certain. The rate of
  /// flagged real items is then bounded by the number of unflagged sources (Wilson 1927).
  private static func precisionInterval(
    _ expectation: ReviewBudget.Expectation, _ budget: ReviewBudget, _ items: [Item], drawn: Interval?
  ) -> Interval? {
    let real = items.filter { !$0.isFake }
    guard expectation.flagged > 0, !real.contains(where: { $0.score >= expectation.threshold }) else { return drawn }
    let sources = Set(real.map(\.source)).count
    guard let rate = Interval.wilson(successes: 0, trials: sources, sources: sources) else { return nil }
    let alarms = rate.upper * (1 - budget.prevalence) * Double(budget.videos)
    return Interval(lower: expectation.found / (expectation.found + alarms), upper: 1)
  }

  private typealias Statistic = (
    name: String, counts: @Sendable (Item) -> Bool, value: @Sendable (ScoredLabels) -> Double?
  )

  /// Number of sources that bound the error of a fraction of 0 or 1: of the rarer class among the items that count.
  private static func sources(of items: [Item], counting counts: (Item) -> Bool) -> Int {
    let chosen = items.filter(counts)
    let classes = [true, false].map { isFake in Set(chosen.filter { $0.isFake == isFake }.map(\.source)).count }
    return classes.filter { $0 > 0 }.min() ?? 0
  }

  private static let thresholdFree: [Statistic] = [
    ("AUC", { _ in true }, { ThresholdCurve($0).auc }),
    ("average precision", { _ in true }, { ThresholdCurve($0).averagePrecision }),
    ("equal error rate", { _ in true }, { ThresholdCurve($0).equalErrorRate }),
    ("log loss", { _ in true }, { $0.logLoss() }),
    ("Brier score", { _ in true }, { $0.brierScore }),
    ("calibration error", { _ in true }, { Reliability($0).expectedCalibrationError }),
  ]

  private static func atThreshold(_ threshold: Double) -> [Statistic] {
    [
      ("precision", { $0.score >= threshold }, { ConfusionMatrix($0, threshold: threshold).precision }),
      ("recall", \.isFake, { ConfusionMatrix($0, threshold: threshold).recall }),
      ("F1", { _ in true }, { ConfusionMatrix($0, threshold: threshold).f1 }),
      ("accuracy", { _ in true }, { ConfusionMatrix($0, threshold: threshold).accuracy }),
      ("balanced accuracy", { _ in true }, { ConfusionMatrix($0, threshold: threshold).balancedAccuracy }),
    ]
  }

  /// - Parameter withAllReal: compares each part with all real items instead of only its own.
  private static func parts(
    of items: [Item], by key: KeyPath<Item, String>, names: Set<String>, withAllReal: Bool, _ threshold: Double,
    _ settings: Settings, using generator: inout some RandomNumberGenerator
  ) -> [Part] {
    names.sorted().map { name in
      let chosen = items.filter { $0[keyPath: key] == name || (withAllReal && !$0.isFake) }
      let data = ScoredLabels(chosen)
      let confusion = ConfusionMatrix(data, threshold: threshold)
      let bootstrap = Bootstrap(groups: chosen.map(\.source), resamples: settings.resamples)
      let auc = ThresholdCurve(data).auc
      let drawn = bootstrap.interval(of: data, using: &generator) { ThresholdCurve($0).auc }
      return Part(
        name: name, count: withAllReal ? data.positives : data.count, fakes: data.positives, auc: auc,
        aucInterval: auc.flatMap {
          Interval.bounding($0, drawn: drawn, sources: Self.sources(of: chosen, counting: { _ in true }))
        },
        recall: confusion.recall, falsePositiveRate: confusion.specificity.map { 1 - $0 })
    }
  }
}

extension ScoredLabels {
  /// - Precondition: all scores are finite.
  public init(_ items: [DetectorPerformance.Item]) {
    self.init(scores: items.map(\.score), labels: items.map(\.isFake))
  }
}
