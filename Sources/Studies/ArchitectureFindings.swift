import Datasets
import Foundation
import Metrics
import Reports

/// Accuracy and cost of the networks after an equal number of training steps.
struct ArchitectureFindings {
  let study: ArchitectureStudy
  let trial: StudyTrial
  let records: [StudyRecord]

  private var groups: [[StudyRecord]] {
    study.networks.map { network in records.filter { $0.cell[.network] == network } }
  }

  func make() throws -> StudyFindings {
    let groups = groups
    let figures = try TrialFigures(groups, trial)
    var findings = StudyFindings(answer: answer(figures, groups), method: method, limits: limits)
    for (network, arm) in zip(study.networks, figures.arms) {
      for (name, estimate, count) in [
        ("AUC", arm.auc, trial.test.count), ("AUC above \(study.networks[0])", arm.aucDifference, trial.test.count),
        ("clean accuracy", arm.clean, trial.attacked.count), ("robust accuracy", arm.robust, trial.attacked.count),
        ("robust accuracy above \(study.networks[0])", arm.robustDifference, trial.attacked.count),
      ] {
        if let estimate { findings.figures.append(StudyFigure(network, name, estimate, count: count, unit: "crops")) }
      }
    }
    findings.tables = [table(figures, groups), differences(figures)]
    findings.plots = [("auc-cost", plot(figures, groups))]
    return findings
  }

  private func mean(_ records: [StudyRecord], _ name: String) -> Double? {
    TrialFigures.mean(records.map { $0.values[name] })
  }

  /// Ratio of mean CPU times, over the cells that ran without interruption.
  private func trainingRatio(_ records: [StudyRecord], to others: [StudyRecord]) -> Double? {
    func time(_ records: [StudyRecord]) -> Double? {
      let known: [Double] = records.compactMap { $0.values["cpu_seconds"] }
      return TrialFigures.mean(known)
    }
    guard let own = time(records), let base = time(others) else { return nil }
    return own / base
  }

  private func table(_ figures: TrialFigures, _ groups: [[StudyRecord]]) -> StudyFindings.Table {
    .init(
      title: "After equal training steps",
      note:
        "Means over \(study.seeds.count) seeds with 95 % bootstraps over sources of the test part and seeds; after AUC the "
        + "range of the seeds. Cost is CPU time per crop, and in training per cell, relative to \(study.networks[0]); "
        + "resumed cells have no time and are not counted.",
      heading: [
        "NETWORK", "PARAMETERS", "GFLOP", "AUC", "SEEDS", "CLEAN ACCURACY", "ROBUST ACCURACY", "COST", "TRAINING",
      ],
      rows: study.networks.indices.map { index in
        let (arm, own) = (figures.arms[index], groups[index])
        return [
          study.networks[index], mean(own, "parameters").map { "\(Int($0))" } ?? "-",
          mean(own, "gflop").map { String(format: "%.3f", $0) } ?? "-", arm.auc?.text() ?? "-",
          TrialFigures.text(arm.aucRange), arm.clean?.text() ?? "-", arm.robust?.text() ?? "-",
          mean(own, "cost_ratio").map { String(format: "%.1f", $0) } ?? "-",
          trainingRatio(own, to: groups[0]).map { String(format: "%.1f", $0) } ?? "-",
        ]
      })
  }

  private func differences(_ figures: TrialFigures) -> StudyFindings.Table {
    .init(
      title: "Above \(study.networks[0])",
      note: "Paired by crop and seed, with 95 % bootstraps over sources and seeds.",
      heading: ["NETWORK", "AUC", "ROBUST ACCURACY"],
      rows: study.networks.indices.dropFirst().map { index in
        [
          study.networks[index], figures.arms[index].aucDifference?.text() ?? "-",
          figures.arms[index].robustDifference?.text() ?? "-",
        ]
      })
  }

  private func plot(_ figures: TrialFigures, _ groups: [[StudyRecord]]) -> Plot {
    let costs = groups.map { mean($0, "cost_ratio") ?? 1 }
    let known = figures.arms.compactMap(\.auc)
    var plot = Plot(
      title: "AUC over cost", xLabel: "CPU time per crop, relative to \(study.networks[0])", yLabel: "AUC",
      x: AxisScale(covering: costs, .logarithmic),
      y: AxisScale(covering: known.flatMap { [$0.lower ?? $0.value, $0.upper ?? $0.value] }))
    plot.series = study.networks.indices.compactMap { index in
      guard let auc = figures.arms[index].auc else { return nil }
      return Plot.Series(
        study.networks[index], [(x: costs[index], y: auc.value)], shape: .points,
        intervals: [(auc.lower ?? auc.value, auc.upper ?? auc.value)])
    }
    return plot
  }

  // MARK: - Words

  private func answer(_ figures: TrialFigures, _ groups: [[StudyRecord]]) -> String {
    let first = study.networks[0]
    guard let base = figures.arms[0].auc, let robust = figures.arms[0].robust else {
      return "No results."
    }
    return
      "After equal training steps \(first) has an AUC of \(base.text()) and a robust accuracy of \(robust.text()). "
      + Self.sentence("AUC", study.networks, figures.arms.map(\.aucDifference)) + " "
      + Self.sentence("robust accuracy", study.networks, figures.arms.map(\.robustDifference))
  }

  /// Sentence naming the networks that differ significantly from the first.
  static func sentence(_ figure: String, _ networks: [String], _ differences: [Estimate?]) -> String {
    let significant = networks.indices.dropFirst().compactMap { index -> (String, Estimate)? in
      differences[index].flatMap { $0.isSignificant ? (networks[index], $0) : nil }
    }
    let above = significant.filter { $0.1.value > 0 }.sorted { $0.1.value > $1.1.value }
    let below = significant.filter { $0.1.value < 0 }.sorted { $0.1.value < $1.1.value }
    func list(_ found: [(String, Estimate)]) -> String {
      found.map { "\($0.0) (\($0.1.value > 0 ? "+" : "")\($0.1.text()))" }.joined(separator: ", ")
    }
    if above.isEmpty && below.isEmpty { return "In \(figure), no other network differs significantly." }
    return "In \(figure) "
      + [
        above.isEmpty ? "none is significantly better" : "significantly better: \(list(above))",
        below.isEmpty ? nil : "significantly worse: \(list(below))",
      ]
      .compactMap { $0 }.joined(separator: "; ") + "."
  }

  private var method: [String] {
    [
      "Each network on \(trial.set.header.size)×\(trial.set.header.size) pixels from random weights, with the same crops, steps, "
        + "optimiser, learning rate and augmentation; the epoch with the best AUC on \(trial.validation.count) validation crops is "
        + "kept. \(study.seeds.count) seed\(study.seeds.count == 1 ? "" : "s") each.",
      "Measured on the \(trial.test.count) crops of the test part (\(trial.figuresText)); robust accuracy under \(trial.attackText) "
        + "on \(trial.attacked.count) of them, computed on each network itself.",
    ]
  }

  private var limits: [String] {
    [
      "An equal budget of so few steps favours small networks: results of large ones trained to convergence, with tuned "
        + "learning rates and sizes or with weights from ImageNet, are not covered.",
      "Robust accuracy refers to one attack; a poorly trained network has small gradients and can appear robust.",
      "With \(study.networks.count - 1) comparisons, one in twenty is significant by chance; the intervals are not corrected for multiple "
        + "testing. They resample sources and seeds; a single seed gives no spread between seeds.",
    ]
  }
}
