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

  /// Whether 0 lies outside of the interval, so that the sign can be told; never without a spread.
  var isTold: Bool {
    guard let lower, let upper, lower < upper else { return false }
    return lower > 0 || upper < 0
  }

  static func number(_ value: Double, _ decimals: Int = 3) -> String { String(format: "%.\(decimals)f", value) }
}

/// One measured figure, a row of `results.csv`.
struct StudyFigure: Sendable, Codable {
  /// What was measured, for example the arm.
  var subject: String
  /// For example `AUC`.
  var name: String
  var value: Double
  var lower: Double?
  var upper: Double?
  /// What the figure is of.
  var count: Int
  /// What is counted, in the plural.
  var unit: String
  /// What the interval is over: `sources`, or `seeds`.
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

/// What a study has found.
package struct StudyFindings: Sendable {
  struct Table: Sendable, Codable {
    var title: String
    var note = ""
    var heading: [String]
    /// The first cell of a row names it.
    var rows: [[String]]
  }

  /// In a sentence or two, with its numbers; also where it cannot be told.
  var answer: String
  /// What was done, for the page.
  package var method: [String]
  package var limits: [String]
  var figures: [StudyFigure] = []
  var tables: [Table] = []
  /// Names of the files, and what is drawn.
  var plots: [(name: String, plot: Plot)] = []
  package var pictures: [HTMLPage.Picture] = []
  /// Pictures in a row.
  var pictureColumns: Int?
  var pictureNote = ""
}
