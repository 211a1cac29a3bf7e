import Foundation
import Metrics
package import Reports

/// A value with its 95 % interval.
struct Estimate: Sendable, Codable, Equatable {
  var value: Double
  var lower: Double?
  var upper: Double?

  init(_ value: Double, _ interval: Interval? = nil) {
    self.value = value
    lower = interval?.lower
    upper = interval?.upper
  }

  /// `0.865 [0.812, 0.905]`.
  func text(_ decimals: Int = 3) -> String {
    Self.number(value, decimals) + (intervalText(decimals).map { " [\($0)]" } ?? "")
  }

  /// `0.812, 0.905`; nil without an interval.
  func intervalText(_ decimals: Int = 3) -> String? {
    guard let lower, let upper else { return nil }
    return "\(Self.number(lower, decimals)), \(Self.number(upper, decimals))"
  }

  /// Whether the interval excludes 0, so that the sign is significant; false without an interval or with one of zero
  /// width.
  var isSignificant: Bool {
    guard let lower, let upper, lower < upper else { return false }
    return lower > 0 || upper < 0
  }

  static func number(_ value: Double, _ decimals: Int = 3) -> String { String(format: "%.\(decimals)f", value) }
}

/// One measured figure: a row of `results.csv`.
struct StudyFigure: Sendable, Codable {
  /// What was measured, for example the arm.
  var subject: String
  /// For example `AUC`.
  var name: String
  var value: Double
  var lower: Double?
  var upper: Double?
  /// Sample size of the figure.
  var count: Int
  /// Unit of the sample, in the plural.
  var unit: String
  /// Unit that the interval resamples: `sources` or `seeds`.
  var over: String

  init(_ subject: String, _ name: String, _ estimate: Estimate, count: Int, unit: String, over: String = "sources") {
    self.subject = subject
    self.name = name
    value = estimate.value
    lower = estimate.lower
    upper = estimate.upper
    self.count = count
    self.unit = unit
    self.over = over
  }
}

/// Results of a study.
package struct StudyFindings: Sendable {
  struct Table: Sendable, Codable {
    var title: String
    var note = ""
    var heading: [String]
    /// The first cell of a row is its heading.
    var rows: [[String]]
  }

  /// One or two sentences with numbers; also when the result is not significant.
  var answer: String
  /// Description of the method for the HTML page.
  package var method: [String]
  package var limits: [String]
  var figures: [StudyFigure] = []
  var tables: [Table] = []
  /// File name stem and content of each plot.
  var plots: [(name: String, plot: Plot)] = []
  package var pictures: [HTMLPage.Picture] = []
  /// Pictures per row.
  var pictureColumns: Int?
  var pictureNote = ""

  /// Remark on figures without an interval, for which nothing can be called significant; nil if all have one.
  var shortage: String? {
    guard figures.contains(where: { $0.over == "sources" && $0.lower == nil }) else { return nil }
    return
      "Some figures rest on fewer than \(Interval.fewestSources) sources, too few to tell their error: they have no "
      + "interval, and differences between them mean nothing."
  }
}
