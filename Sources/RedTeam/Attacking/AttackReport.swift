import Attacks
import Compute
import Datasets
import Decoder
import Files
import Foundation
import Models
import Reports
import Runs
import Scoring
import Verdicts

/// Writes the files of an attack run: tables, curves, and pictures of perturbed crops.
struct AttackReport {
  private static let shown = 2

  let grid: AttackGrid
  let findings: AttackFindings
  private var rows: [AttackRow] { findings.rows }

  init(grid: AttackGrid, findings: AttackFindings) {
    self.grid = grid
    self.findings = findings
  }

  /// Writes `attack.json`, `attack.csv`, one plot per norm and `index.html`.
  ///
  /// - Returns: false when the run was interrupted; nothing is written then.
  /// - Throws: `WorkflowError.output` when the folder cannot be written.
  func write(to folder: String, _ interruption: Interruption) throws -> Bool {
    guard !interruption.isRequested, let pictures = try self.pictures(interruption) else { return false }
    let plots = curves()
    var files = [
      ("attack.json", Array(try readableJSON(findings).utf8)), ("attack.csv", AttackRow.table.csv(rows)),
      ("index.html", Array(try page(plots, pictures).html().utf8)),
    ]
    files += plots.map { ("curve-\($0.name).svg", Array($0.plot.svg().utf8)) }
    for (name, bytes) in files { try writeOutput(bytes, to: "\(folder)/\(name)") }
    return true
  }

  private func page(_ plots: [(name: String, plot: Plot)], _ pictures: HTMLPage.Section) -> HTMLPage {
    let sources = grid.sources.map(\.loaded.detector.name)
    var page = HTMLPage(
      title: "Attacks on \(grid.options.models.joined(separator: ", "))",
      summary:
        "\(counted(grid.plan.crops.count, "crops")) of \(grid.plan.part == .all ? "" : "the \(grid.plan.part) part of ")\(grid.options.crops), seed "
        + "\(grid.options.seed). "
        + (sources.isEmpty ? "" : "Perturbations computed on \(sources.joined(separator: ", ")). ")
        + (grid.models.isEmpty
          ? "A crop counts as correct if the face detector finds its face in the crop alone. "
          : "A crop counts as fake if its calibrated score is at least one half. ")
        + "Perturbations "
        + (grid.options.eightBit ? "have 8-bit values and " : "")
        + "lie within their budget; only initially correct crops can be attacked successfully.")
    for table in findings.tables {
      var section = HTMLPage.Section(table.title)
      if !table.note.isEmpty { section.paragraphs = [table.note] }
      section.tables = [HTMLPage.Table(heading: table.heading, rows: table.rows)]
      page.sections.append(section)
    }
    var curves = HTMLPage.Section("Accuracy against budget")
    curves.plots = plots.map { $0.plot.svg() }
    if !curves.plots.isEmpty { page.sections.append(curves) }
    page.sections.append(pictures)
    return page
  }

  /// One curve per attack that ran at several budgets; one plot per norm and one for distortions.
  private func curves() -> [(name: String, plot: Plot)] {
    let axes: [(name: String, label: String, scale: Double)] = [
      ("linf", "ε in 255ths (ℓ∞)", 255), ("l2", "ε (ℓ2)", 1), ("l0", "pixels (ℓ0)", 1), ("severity", "severity", 1),
    ]
    let certified = CertifiedRow.plot(findings.certified).map { [(name: "certified", plot: $0)] } ?? []
    return certified
      + axes.compactMap { axis in
        let own = rows.filter { $0.norm == axis.name && $0.epsilon != nil }
        let largest = Double(own.compactMap(\.epsilon).max() ?? 0) * axis.scale
        guard largest > 0 else { return nil }
        let curves = Dictionary(grouping: own) { grid.targets.count > 1 ? "\($0.attack), \($0.model)" : $0.attack }
        let only = curves.count == 1 ? curves.keys.first.map { " under \($0)" } : nil
        var plot = Plot(
          title: "Robust accuracy" + (only ?? ""), xLabel: axis.label, yLabel: "robust accuracy",
          x: AxisScale(0...largest), y: AxisScale(0...1))
        for (name, curve) in curves.sorted(by: { $0.key < $1.key }) {
          let points = curve.sorted { ($0.epsilon ?? 0) < ($1.epsilon ?? 0) }
          let start = (x: 0.0, y: points.first?.cleanAccuracy ?? 0)
          plot.series.append(
            Plot.Series(
              name, [start] + points.map { (x: Double($0.epsilon ?? 0) * axis.scale, y: $0.robustAccuracy) },
              shape: .linesAndPoints))
        }
        return (axis.name, plot)
      }
  }

  /// A misclassified crop to show.
  private struct Shown {
    var target: Int
    var trial: AttackPlan.Trial
    var crop: Int
  }

  /// Original, perturbed and amplified difference of a few crops for each trial.
  ///
  /// - Returns: nil when the run was interrupted.
  private func pictures(_ interruption: Interruption) throws -> HTMLPage.Section? {
    var section = HTMLPage.Section("What was done")
    section.paragraphs = [
      "Original, perturbed, and the difference times \(PerturbationPictures.amplification) around grey, of the first crops that "
        + "were misclassified."
    ]
    section.columns = 3
    var shown: [Shown] = []
    for (index, target) in grid.targets.enumerated() {
      for trial in grid.plan.trials {
        let misclassified = grid.plan.crops.filter { grid.log[grid.entry(target, trial, $0)]?.isSuccess == true }
        shown += misclassified.prefix(Self.shown).map { Shown(target: index, trial: trial, crop: $0) }
      }
    }
    guard let rows = try pictureRows(shown, interruption) else { return nil }
    section.pictures = rows.flatMap { $0 }
    return section
  }

  /// Repeats the attacks on the crops, distributed over workers.
  ///
  /// - Returns: pictures of each crop; nil when the run was interrupted.
  private func pictureRows(_ shown: [Shown], _ interruption: Interruption) throws -> [[HTMLPage.Picture]]? {
    let progress = ProgressLine(unit: "crops to show", total: shown.count, quiet: grid.options.quiet)
    defer { progress.finish() }
    return try parallelMap(
      count: shown.count, workers: grid.options.workers, isCancelled: { interruption.isRequested },
      context: { _ in try AttackBench(grid) }
    ) { bench, index in
      let (trial, target) = (shown[index].trial, grid.targets[shown[index].target])
      // Attacks are seeded per crop, so this reproduces the measured perturbation.
      let (perturbed, outcome) = try bench.attack(shown[index].crop, under: trial, target: shown[index].target)
      let pictures = try row(shown[index].crop, perturbed, outcome, "\(trial.attack) \(trial.budget)", target)
      progress.advance(note: "\(trial.attack) \(trial.budget)")
      return pictures
    }
  }

  private func row(
    _ crop: Int, _ perturbed: CropPixels, _ outcome: AttackOutcome, _ trial: String, _ target: any AttackTarget
  ) throws -> [HTMLPage.Picture] {
    let truth = grid.set.records[crop].item.label == .fake ? "fake" : "real"
    return try PerturbationPictures.row(
      grid.view(for: target).frame(at: crop), perturbed,
      captions: (
        "\(trial)\n\(truth), \(target.answer(outcome.cleanLogit))", target.answer(outcome.perturbedLogit),
        String(
          format: "ℓ∞ %.0f/255, ℓ2 %.2f, %d pixels", outcome.size.linf * 255, outcome.size.l2, outcome.size.l0)
      ))
  }
}
