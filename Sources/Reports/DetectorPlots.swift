/// Plots of a classifier's performance.
public enum DetectorPlots {
  /// - Parameter corners: (false positive rate, recall) from (0, 0) to (1, 1).
  public static func roc(_ corners: [(x: Double, y: Double)], auc: Double?) -> Plot {
    let title = auc.map { "ROC, AUC \(fixed($0))" } ?? "ROC"
    var plot = Plot(
      title: title, xLabel: "false positive rate", yLabel: "recall (true positive rate)", x: AxisScale(0...1),
      y: AxisScale(0...1))
    plot.series = [Plot.Series("model", corners)]
    plot.reference = [(0, 0), (1, 1)]
    return plot
  }

  /// - Parameters:
  ///   - points: (recall, precision) in order of decreasing threshold.
  ///   - prevalence: the precision of always saying "fake".
  public static func precisionRecall(
    _ points: [(x: Double, y: Double)], averagePrecision: Double?, prevalence: Double
  ) -> Plot {
    let title = averagePrecision.map { "Precision and recall, AP \(fixed($0))" } ?? "Precision and recall"
    var plot = Plot(title: title, xLabel: "recall", yLabel: "precision", x: AxisScale(0...1), y: AxisScale(0...1))
    plot.series = [Plot.Series("model", points)]
    plot.reference = [(0, prevalence), (1, prevalence)]
    return plot
  }

  /// - Parameters:
  ///   - bins: mean score and fraction of fakes of each non-empty bin, with the fraction's 95 % interval, if there is one.
  public static func reliability(
    _ bins: [(score: Double, fraction: Double, lower: Double?, upper: Double?)], error: Double?
  ) -> Plot {
    let title = error.map { "Calibration, expected error \(fixed($0))" } ?? "Calibration"
    var plot = Plot(
      title: title, xLabel: "score", yLabel: "fraction of fakes", x: AxisScale(0...1), y: AxisScale(0...1))
    plot.series = [
      Plot.Series(
        "model", bins.map { ($0.score, $0.fraction) }, shape: .linesAndPoints,
        intervals: bins.map { ($0.lower ?? $0.fraction, $0.upper ?? $0.fraction) })
    ]
    plot.reference = [(0, 0), (1, 1)]
    return plot
  }

  /// - Parameters:
  ///   - real, fake: counts in equal-width bins from 0 to 1.
  ///   - thresholds: scores below the first are real, scores from the second on are fake.
  public static func scores(real: [Int], fake: [Int], thresholds: (real: Double, fake: Double)) -> Plot {
    precondition(real.count == fake.count && !real.isEmpty, "\(real.count) and \(fake.count) bins")
    // Fractions of the class, because class sizes usually differ.
    func fractions(_ counts: [Int]) -> [Double] {
      let total = max(counts.reduce(0, +), 1)
      return counts.map { Double($0) / Double(total) }
    }
    let heights = (fractions(real), fractions(fake))
    var plot = Plot(
      title: "Scores", xLabel: "score", yLabel: "fraction of the class", x: AxisScale(0...1),
      y: AxisScale(covering: [0] + heights.0 + heights.1))
    plot.edges = (0...real.count).map { Double($0) / Double(real.count) }
    plot.bars = [Plot.Bars("real", heights: heights.0), Plot.Bars("fake", heights: heights.1)]
    plot.marks =
      thresholds.real == thresholds.fake
      ? [(thresholds.real, "threshold")] : [(thresholds.real, "none below"), (thresholds.fake, "fake from")]
    return plot
  }

  /// Training and validation losses by epoch.
  public static func learningCurve(
    epochs: [Int], series: [(name: String, values: [Double])], best: Int?
  ) -> Plot {
    let values = series.flatMap(\.values)
    var plot = Plot(
      title: "Learning curve", xLabel: "epoch", yLabel: "log loss, AUC",
      x: AxisScale(covering: epochs.map(Double.init)), y: AxisScale(covering: values))
    plot.series = series.map { name, values in
      Plot.Series(name, zip(epochs, values).map { (Double($0), $1) })
    }
    if let best { plot.marks = [(Double(best), "kept")] }
    return plot
  }

  private static func fixed(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
