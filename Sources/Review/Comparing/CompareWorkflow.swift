import Files
import Foundation
import Metrics
import Reports
package import Runs
import Verdicts

/// Options of a comparison of two runs.
package struct CompareOptions: Sendable {
  /// Output folder of a scan, or a manifest.
  package var old: String
  package var new: String
  /// Folder for the page and the table; nil: none are written.
  package var output: String?
  /// Folders that lay elsewhere in the old run.
  package var moves = MovedRoots()

  package init(old: String, new: String) {
    self.old = old
    self.new = new
  }
}

/// Result of a comparison.
package struct CompareSummary: Sendable {
  let comparison: RunComparison
  let files: [String]

  package func json() throws -> String { try readableJSON(comparison) }
  package var text: String { CompareReport(comparison).text + files.map { "written: \($0)\n" }.joined() }
}

/// Compares the verdicts and scores of two runs over the same videos, matched by path.
///
/// - Throws: `WorkflowError` when a manifest cannot be read, when no video is in both, or when the output cannot be
///   written.
package func compareRuns(_ options: CompareOptions) throws -> CompareSummary {
  do {
    let old = try Listing(options.old, options.moves)
    let new = try Listing(options.new, MovedRoots())
    let pairs = Set(old.rows.keys).union(new.rows.keys).map { path in
      let (first, second) = (old.rows[path], new.rows[path])
      // Content that is unknown on one side is taken for the same.
      let isSame = first?.content == nil || second?.content == nil || first?.content == second?.content
      return (path: path.text, old: first?.row, new: second?.row, isSameContent: isSame)
    }
    let comparison = RunComparison(old: old.side, new: new.side, pairs: pairs)
    guard comparison.compared > 0 else {
      throw WorkflowError.settings(
        "no video is in both \(options.old) (\(counted(old.rows.count, "videos"))) and \(options.new) "
          + "(\(counted(new.rows.count, "videos"))) with the same path and content: scan the same folder twice, or name "
          + "a moved one with --root OLD=NEW")
    }
    var files: [String] = []
    if let folder = options.output {
      try makeOutputFolder(folder)
      let report = CompareReport(comparison)
      for (name, bytes) in [
        ("index.html", Array(try report.page(options).html().utf8)),
        ("changes.csv", ChangedVerdict.table.csv(comparison.changes)),
        ("compare.json", Array(try readableJSON(comparison).utf8)),
        ("scores.svg", Array(report.plot.svg().utf8)),
      ] {
        try writeOutput(bytes, to: "\(folder)/\(name)")
        files.append("\(folder)/\(name)")
      }
    }
    return CompareSummary(comparison: comparison, files: files)
  } catch { throw WorkflowError.explaining(error) }
}

/// The rows of a run, as far as a comparison needs them.
private struct Listing {
  private(set) var rows: [VideoPath: (row: ComparedRow, content: String?)] = [:]
  private(set) var side = RunComparison.Side()

  init(_ path: String, _ moves: MovedRoots) throws {
    try ManifestRows.forEach(in: ManifestRows.file(of: path)) { record in
      side.add(record.context)
      let place = VideoPath(moves.path(record.source.path.bytes))
      rows[place] = (
        ComparedRow(verdict: record.finding.verdict, score: record.finding.score), record.source.sha256
      )
    }
  }
}

/// The tables, the plot and the page of a comparison.
struct CompareReport {
  /// Changed videos on the page and in the printed table.
  private static let shownOnPage = 500
  private static let shownInTable = 20

  private let comparison: RunComparison

  init(_ comparison: RunComparison) {
    self.comparison = comparison
  }

  var text: String {
    var text =
      settings.map { "\($0)\n" }.joined() + "\n" + alignedTable(heading: transitions.heading, rows: transitions.rows)
    text += "\n" + summary.map { "\($0)\n" }.joined()
    text += "\nvideos with at least that score:\n" + alignedTable(heading: workload.heading, rows: workload.rows)
    if !comparison.changes.isEmpty {
      let shown = comparison.changes.prefix(Self.shownInTable)
      text += "\nchanged verdicts, largest change of the score first:\n"
      text += alignedTable(
        heading: ChangedVerdict.table.heading, rows: shown.map { Self.row($0).map(Terminal.harmless) })
      let rest = comparison.changes.count - shown.count
      if rest > 0 { text += "and \(rest) more: -o FOLDER writes all\n" }
    }
    return text
  }

  /// Scores of both runs over the same videos.
  var plot: Plot {
    func fractions(_ counts: [Int]) -> [Double] { counts.map { Double($0) / Double(max(comparison.scored, 1)) } }
    let heights = (fractions(comparison.oldScores), fractions(comparison.newScores))
    var plot = Plot(
      title: "Scores of the same videos", xLabel: "score", yLabel: "fraction of the videos", x: AxisScale(0...1),
      y: AxisScale(covering: [0] + heights.0 + heights.1))
    plot.edges = (0...10).map { Double($0) / 10 }
    plot.bars = [Plot.Bars("old", heights: heights.0), Plot.Bars("new", heights: heights.1)]
    return plot
  }

  func page(_ options: CompareOptions) -> HTMLPage {
    var page = HTMLPage(
      title: "Two runs compared",
      summary: "Old: \(options.old). New: \(options.new). " + settings.joined(separator: ". ") + ".")
    var verdicts = HTMLPage.Section("Verdicts")
    verdicts.paragraphs = summary + ["Rows: verdict of the old run. Columns: verdict of the new run."]
    verdicts.tables = [HTMLPage.Table(heading: transitions.heading, rows: transitions.rows)]
    var scores = HTMLPage.Section("Scores and workload")
    scores.paragraphs = ["Videos with at least that score, in each run."]
    scores.plots = [plot.svg()]
    scores.tables = [HTMLPage.Table(heading: workload.heading, rows: workload.rows)]
    page.sections = [verdicts, scores]
    if !comparison.changes.isEmpty {
      var changes = HTMLPage.Section("Changed verdicts")
      let shown = comparison.changes.prefix(Self.shownOnPage)
      changes.paragraphs = [
        "Largest change of the score first"
          + (shown.count < comparison.changes.count
            ? "; \(shown.count) of \(comparison.changes.count), all are in changes.csv." : ".")
      ]
      changes.tables = [HTMLPage.Table(heading: ChangedVerdict.table.heading, rows: shown.map(Self.row))]
      page.sections.append(changes)
    }
    return page
  }

  private static func row(_ change: ChangedVerdict) -> [String] {
    func score(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
    return [
      change.path, change.oldVerdict.shortPhrase, change.newVerdict.shortPhrase, score(change.oldScore),
      score(change.newScore),
    ]
  }

  private var settings: [String] {
    func line(_ name: String, _ side: RunComparison.Side) -> String {
      let thresholds = side.thresholds.map { String(format: "%.4f and %.4f", $0.real, $0.fake) }
      return "\(name): model \(side.models.joined(separator: ", ")), thresholds \(thresholds.joined(separator: "; ")), "
        + "face detector \(side.detectors.joined(separator: ", "))"
    }
    return [line("old", comparison.old), line("new", comparison.new)]
  }

  private var transitions: (heading: [String], rows: [[String]]) {
    let verdicts = Verdict.allCases
    return (
      ["old \\ new"] + verdicts.map(\.shortPhrase),
      verdicts.filter { comparison.verdicts[$0] != nil }.map { old in
        [old.shortPhrase] + verdicts.map { "\(comparison.verdicts[old]?[$0] ?? 0)" }
      }
    )
  }

  private var summary: [String] {
    var lines = [
      "\(counted(comparison.compared, "videos")) in both runs; \(comparison.onlyOld) only in the old one, "
        + "\(comparison.onlyNew) only in the new one, \(comparison.otherContent) with other content",
      "verdicts that change: \(comparison.changes.count); newly flagged: \(comparison.newlyFlagged), no longer flagged: "
        + "\(comparison.noLongerFlagged)"
        + (comparison.newlyFlagged + comparison.noLongerFlagged > 0
          ? String(format: " (sign test: p = %.3g)", comparison.flaggedSignTest) : ""),
    ]
    if let shift = comparison.meanShift, let size = comparison.meanAbsoluteShift {
      lines.append(
        "scores of \(counted(comparison.scored, "videos")): mean change "
          + String(format: "%+.4f, mean size of a change %.4f", shift, size))
    }
    if let index = comparison.populationStability {
      lines.append(
        String(format: "population stability index of the scores: %.3f", index)
          + " (up to \(PopulationStability.smallShift): alike; from \(PopulationStability.largeShift) on: another "
          + "distribution, if it exceeds the "
          + String(format: "%.3f", PopulationStability.noise(bins: 10, counts: (comparison.scored, comparison.scored)))
          + " that chance gives so few videos)")
    }
    return lines
  }

  private var workload: (heading: [String], rows: [[String]]) {
    (
      ["score", "old", "new", "change"],
      comparison.workload.map {
        [String(format: "%.4g", $0.threshold), "\($0.old)", "\($0.new)", String(format: "%+d", $0.new - $0.old)]
      }
    )
  }
}
