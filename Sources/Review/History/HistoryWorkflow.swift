import Files
import Foundation
import Ledger
import Metrics
import Reports
import Runs
import Scanning
import Verdicts

/// Options of a look at a ledger's last runs.
package struct HistoryOptions: Sendable {
  /// Output folder of the scans, or a ledger file.
  package var place: String
  package var last = 30
  /// Folder for the page and the plots; nil: none are written.
  package var output: String?

  package init(place: String) {
    self.place = place
  }
}

/// The last runs of a ledger.
package struct HistorySummary: Sendable {
  let history: RunHistory
  let files: [String]

  package var hasShift: Bool { history.runs.last?.shifts.contains(where: \.isShift) ?? false }
  package func json() throws -> String { try readableJSON(history) }
  package var text: String { history.text + files.map { "written: \($0)\n" }.joined() }
}

/// What the runs of a ledger scanned, each compared with the runs before it.
///
/// - Throws: `WorkflowError` when there is no ledger, when a scan uses it, or when the output cannot be written.
package func listHistory(_ options: HistoryOptions) throws -> HistorySummary {
  do {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: options.place, isDirectory: &isFolder)
    let path = isFolder.boolValue ? options.place + "/assay.sqlite" : options.place
    guard exists, FileManager.default.fileExists(atPath: path) else {
      throw WorkflowError.input(
        path: path, why: "there is no ledger: name the output folder of a scan, or its --ledger")
    }
    let lock = try OutputLock(ledger: path)
    defer { withExtendedLifetime(lock) {} }
    let history = RunHistory(try Ledger(path: path).runs(last: nil), last: options.last)
    var files: [String] = []
    if let folder = options.output {
      try makeOutputFolder(folder)
      for (name, bytes) in [
        ("index.html", Array(try history.page(of: path).html().utf8)),
        ("history.json", Array(try readableJSON(history).utf8)),
        ("verdicts.svg", Array(history.verdictPlot.svg().utf8)), ("shift.svg", Array(history.shiftPlot.svg().utf8)),
      ] {
        try writeOutput(bytes, to: "\(folder)/\(name)")
        files.append("\(folder)/\(name)")
      }
    }
    return HistorySummary(history: history, files: files)
  } catch { throw WorkflowError.explaining(error) }
}

/// Runs with their shift against the runs before them.
struct RunHistory: Sendable, Encodable {
  struct Run: Sendable, Encodable {
    let finishedAt: Timestamp
    let isComplete: Bool
    let assayVersion: String
    /// SHA-256 of the model file.
    let model: String
    /// Whether model or settings differ from those of the run before.
    let isChanged: Bool
    @ExplicitNull private(set) var newlyScanned: RunDistribution?
    let shifts: [DistributionShift]

    init(_ run: Ledger.EndedRun, isChanged: Bool, shifts: [DistributionShift]) {
      finishedAt = run.finishedAt
      isComplete = run.isComplete
      assayVersion = run.assayVersion
      model = run.key.modelHash
      self.isChanged = isChanged
      self.shifts = shifts
      newlyScanned = run.newlyScanned
    }
  }

  /// Oldest first.
  let runs: [Run]

  init(_ all: [Ledger.EndedRun], last: Int) {
    runs = all.indices.suffix(last).map { index in
      let run = all[index]
      let before = Array(all[..<index])
      return Run(
        run, isChanged: before.last.map { $0.key != run.key } ?? false,
        shifts: run.newlyScanned.map { current in
          current.videos > 0
            ? DistributionShift.shifts(of: current, from: DistributionShift.reference(before, for: run.key)) : []
        } ?? [])
    }
  }

  private static let heading =
    ["ended", "scanned", "fake", "undecided", "no face", "failed"] + DistributionShift.Kind.allCases.map { "\($0) PSI" }
    + ["note"]

  private var rows: [[String]] {
    runs.map { run in
      let found = run.newlyScanned
      func fraction(_ verdict: Verdict) -> String {
        guard let found, found.videos > 0 else { return "-" }
        return String(format: "%.3f", Double(found.count(verdict)) / Double(found.videos))
      }
      let indices = DistributionShift.Kind.allCases.map { kind in
        run.shifts.first { $0.kind == kind }.map { String(format: "%.3f", $0.index) + ($0.isShift ? "!" : "") } ?? "-"
      }
      let notes = [
        found == nil ? "made by an earlier version" : nil, run.isComplete ? nil : "incomplete",
        run.isChanged ? "other model or settings" : nil,
      ].compactMap(\.self)
      return [String("\(run.finishedAt)".prefix(16)).replacing("T", with: " "), found.map { "\($0.videos)" } ?? "-"]
        + [Verdict.fake, .undecided, .noFace, .failed].map(fraction) + indices + [notes.joined(separator: ", ")]
    }
  }

  private static let explanation =
    "PSI: population stability index of a run's new videos against the last \(DistributionShift.referenceRuns) runs with "
    + "the same model and settings; ! from \(PopulationStability.largeShift) on, where chance does not explain it"

  /// A sentence per shift of the last run.
  private var warnings: [String] {
    (runs.last?.shifts ?? []).filter(\.isShift).map { shift in
      let meaning =
        switch shift.kind {
        case .scores: "the scores are distributed otherwise: other videos arrive, or the model meets something new"
        case .faces: "the fraction of videos without a face, or without a verdict, has changed"
        case .containers: "other containers arrive"
        case .codecs: "other video codecs arrive"
        }
      return String(format: "shift of the \(shift.kind) (PSI %.3f): ", shift.index) + meaning
    }
  }

  var text: String {
    guard !runs.isEmpty else { return "no run has ended yet\n" }
    return alignedTable(heading: Self.heading, rows: rows) + Self.explanation + "\n"
      + warnings.map { "warning: \($0)\n" }.joined()
  }

  /// Fractions of the verdicts of each run's new videos.
  var verdictPlot: Plot {
    var plot = Plot(
      title: "Verdicts of new videos", xLabel: "run", yLabel: "fraction",
      x: AxisScale(covering: (1...max(runs.count, 2)).map(Double.init)), y: AxisScale(0...1))
    plot.series = [Verdict.fake, .undecided, .noFace, .failed].map { verdict in
      Plot.Series(
        verdict.shortPhrase,
        runs.enumerated().map { index, run in
          let found = run.newlyScanned
          let fraction = found.map { $0.videos > 0 ? Double($0.count(verdict)) / Double($0.videos) : .nan } ?? .nan
          return (Double(index + 1), fraction)
        }, shape: .linesAndPoints)
    }
    return plot
  }

  var shiftPlot: Plot {
    let indices: [Double] = runs.flatMap { run in run.shifts.map { $0.index } }
    var plot = Plot(
      title: "Shift against earlier runs", xLabel: "run", yLabel: "population stability index",
      x: AxisScale(covering: (1...max(runs.count, 2)).map(Double.init)), y: AxisScale(covering: indices + [0, 0.3]))
    plot.series = DistributionShift.Kind.allCases.map { kind in
      Plot.Series(
        kind.rawValue,
        runs.enumerated().map { index, run in
          (Double(index + 1), run.shifts.first { $0.kind == kind }?.index ?? .nan)
        }, shape: .linesAndPoints)
    }
    plot.reference = [
      (1, PopulationStability.largeShift), (Double(max(runs.count, 2)), PopulationStability.largeShift),
    ]
    return plot
  }

  func page(of path: String) -> HTMLPage {
    var page = HTMLPage(
      title: "Runs of \(path)",
      summary: (warnings.isEmpty ? ["No shift in the last run."] : warnings).joined(separator: " "))
    var plots = HTMLPage.Section("New videos of each run")
    plots.paragraphs = [Self.explanation + "."]
    plots.plots = [verdictPlot.svg(), shiftPlot.svg()]
    var table = HTMLPage.Section("Runs")
    table.tables = [HTMLPage.Table(heading: Self.heading, rows: rows)]
    page.sections = [plots, table]
    return page
  }
}
