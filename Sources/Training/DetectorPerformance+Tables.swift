import Foundation
package import Metrics
import Runs

/// Metrics as table rows, for the terminal and the HTML page.
package struct FigureTable {
  package var heading: [String]
  package var rows: [[String]]
}

extension DetectorPerformance {
  /// Counts and prevalence, needed to interpret every metric.
  package var heading: String {
    "\(counted(count, unit)), \(fakes) fake, \(counted(sources, "sources")); prevalence \(Self.text(prevalence)) "
      + "(the precision of always saying \"fake\")" + (Interval.shortage(of: sources).map { "; \($0)" } ?? "")
  }

  package var tables: [FigureTable] {
    var tables = [
      FigureTable(heading: ["FIGURE", "VALUE", "95 % INTERVAL"], rows: figures.map(Self.row)),
      FigureTable(
        heading: ["FLAGGED FROM", "SCORE", "FAKE", "REAL", "MISSED", "PRECISION", "RECALL", "F1", "BALANCED ACCURACY"],
        rows: (decisions + recallAtPrecision).map(Self.row)),
      FigureTable(
        heading: ["MANIPULATION", unit.uppercased(), "AUC", "95 % INTERVAL", "RECALL"],
        rows: methods.map {
          [
            $0.name, "\($0.count)", Self.text($0.auc), $0.auc == nil ? "-" : Self.text($0.aucInterval),
            Self.text($0.recall),
          ]
        }),
    ]
    if datasets.count > 1 {
      tables.append(
        FigureTable(
          heading: ["DATA SET", unit.uppercased(), "FAKE", "AUC", "95 % INTERVAL", "RECALL", "FALSE ALARMS"],
          rows: datasets.map {
            [
              $0.name, "\($0.count)", "\($0.fakes)", Self.text($0.auc), $0.auc == nil ? "-" : Self.text($0.aucInterval),
              Self.text($0.recall), Self.text($0.falsePositiveRate),
            ]
          }))
    }
    if let workload { tables.append(Self.table(workload, unit)) }
    return tables
  }

  private static func table(_ workload: Workload, _ unit: String) -> FigureTable {
    let (budget, expectation) = (workload.budget, workload.expectation)
    func whole(_ value: Double) -> String { String(format: "%.0f", value) }
    return FigureTable(
      heading: ["\(budget.videos) \(unit), \(budget.prevalence * 100) % FAKE, \(budget.reviews) REVIEWS", "", ""],
      rows: [
        ["flag from score", expectation.threshold.isFinite ? text(expectation.threshold) : "none fits", ""],
        ["flagged", whole(expectation.flagged), ""],
        ["fakes found", whole(expectation.found), ""],
        ["fakes missed", whole(expectation.missed), ""],
        [
          "precision to expect", text(expectation.precision),
          expectation.precision == nil ? "-" : text(workload.precisionInterval),
        ],
      ])
  }

  private static func row(_ figure: Figure) -> [String] {
    [figure.name, text(figure.value), text(figure.interval)]
  }

  private static func row(_ decision: Decision) -> [String] {
    func figure(_ name: String) -> String {
      guard let figure = decision.figures.first(where: { $0.name == name }) else { return "-" }
      return text(figure.value) + (figure.interval.map { " [\(text($0))]" } ?? "")
    }
    let confusion = decision.confusion
    return [
      decision.name, text(decision.threshold), "\(confusion.truePositives)", "\(confusion.falsePositives)",
      "\(confusion.falseNegatives)", figure("precision"), figure("recall"), figure("F1"),
      figure("balanced accuracy"),
    ]
  }

  package static func text(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }

  private static func text(_ interval: Interval?) -> String {
    interval.map { "\(text($0.lower)) – \(text($0.upper))" } ?? Interval.tooFew
  }
}

extension DetectorPerformance.Figure {
  fileprivate var interval: Interval? {
    guard let lower, let upper else { return nil }
    return Interval(lower: lower, upper: upper)
  }
}
