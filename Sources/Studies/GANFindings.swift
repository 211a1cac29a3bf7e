import Datasets
import Foundation
import Metrics
import Reports

/// Results of each training arm, compared with classical augmentation.
struct GANFindings {
  let study: GANStudy
  let trial: StudyTrial
  let records: [StudyRecord]

  /// All arms at one fraction of the data.
  private struct Level {
    var percent: Int
    var figures: TrialFigures
    /// AUC on the other data set and its difference from the first arm; empty without another data set.
    var other: [(own: Estimate?, difference: Estimate?)]
    /// Generators trained at this fraction, one per seed.
    var generators: [StudyRecord]
  }

  /// AUCs below this are close to chance.
  private static let learnt = 0.6

  private var arms: [GANStudy.Arm] { GANStudy.Arm.allCases }

  func make() throws -> StudyFindings {
    let levels = try study.percentages.map(level)
    var findings = StudyFindings(
      answer: levels.map(answer).joined(separator: " "), method: method, limits: limits)
    for level in levels {
      findings.tables.append(table(level))
      findings.figures += figures(level)
    }
    findings.tables.append(generators(levels))
    findings.plots = [("auc", plot(levels))]
    return findings
  }

  private func level(_ percent: Int) throws -> Level {
    let own = records.filter { $0.cell[.share] == "\(percent)" }
    let groups = arms.map { arm in own.filter { $0.cell[.arm] == arm.rawValue } }
    return Level(
      percent: percent, figures: try TrialFigures(groups, trial), other: try other(groups),
      generators: own.filter { $0.cell[.arm] == GANStudy.generator })
  }

  private func other(_ groups: [[StudyRecord]]) throws -> [(own: Estimate?, difference: Estimate?)] {
    guard let set = study.other else { return [] }
    let items = set.items
    let labels = items.map { $0.label == .fake }
    let scores = try TrialFigures.columns(.other, of: groups).map {
      $0.map { ScoredLabels(scores: $0, labels: labels) }
    }
    let seeds = groups.map(\.count).min() ?? 0
    let found = PairedDraws(sources: items.map(\.group), resamples: 500).estimates(seeds: seeds) { drawn, seeds in
      let own = scores.map { own in
        let known = own.map { ThresholdCurve($0.selecting(drawn)).auc }
        return TrialFigures.mean(seeds.map { known[$0] })
      }
      return own + own.map { value in value.flatMap { value in own[0].map { value - $0 } } }
    }
    return arms.indices.map { (found[$0], found[arms.count + $0]) }
  }

  private func figures(_ level: Level) -> [StudyFigure] {
    var figures: [StudyFigure] = []
    for (index, arm) in arms.enumerated() {
      let own = level.figures.arms[index]
      var rows: [(String, Estimate?, Int)] = [
        ("AUC", own.auc, trial.test.count),
        ("AUC above \(arms[0].rawValue)", own.aucDifference, trial.test.count),
        ("robust accuracy", own.robust, trial.attacked.count),
      ]
      if let set = study.other {
        rows.append(("AUC on the other set", level.other[index].own, set.count))
        rows.append(
          ("AUC on the other set above \(arms[0].rawValue)", level.other[index].difference, set.count))
      }
      for (name, estimate, count) in rows {
        if let estimate {
          figures.append(
            StudyFigure("\(arm.rawValue), \(level.percent) %", name, estimate, count: count, unit: "crops"))
        }
      }
    }
    return figures
  }

  private func table(_ level: Level) -> StudyFindings.Table {
    let hasOther = study.other != nil
    return .init(
      title: "\(level.percent) % of the training data",
      note:
        "Means over \(study.seeds.count) seeds with 95 % bootstraps over sources and seeds; differences are paired by crop and seed. After AUC "
        + "the range of the seeds.",
      heading: ["ARM", "AUC", "SEEDS", "ABOVE \(arms[0].rawValue.uppercased())", "ROBUST ACCURACY"]
        + (hasOther ? ["AUC, OTHER SET", "ABOVE, OTHER SET"] : []),
      rows: arms.enumerated().map { index, arm in
        let own = level.figures.arms[index]
        let difference = index == 0 ? "-" : own.aucDifference?.text() ?? "-"
        var row = [
          arm.rawValue, own.auc?.text() ?? "-", TrialFigures.text(own.aucRange), difference,
          own.robust?.text() ?? "-",
        ]
        if hasOther {
          row.append(level.other[index].own?.text() ?? "-")
          row.append(index == 0 ? "-" : level.other[index].difference?.text() ?? "-")
        }
        return row
      })
  }

  private func generators(_ levels: [Level]) -> StudyFindings.Table {
    func text(_ records: [StudyRecord], _ name: String) -> String {
      let values = records.compactMap { $0.values[name] }
      guard let low = values.min(), let high = values.max() else { return "-" }
      return values.count == 1 ? Estimate.number(low) : "\(Estimate.number(low)) to \(Estimate.number(high))"
    }
    let models = Set(records.flatMap { $0.values.keys }).filter { $0.hasPrefix("frechet of training ") }
      .map { String($0.dropFirst("frechet of training ".count)) }.sorted()
    return .init(
      title: "The generators",
      note:
        "Fréchet distances are reported but not used as a criterion: they are comparable only for the same features and numbers of "
        + "pictures. Nearer: the probability that a picture is nearer to its nearest training crop than a held-out real crop is to "
        + "its own.",
      heading: [
        "FRACTION", "FEATURES", "FRÉCHET DISTANCE", "OF TRAINING CROPS", "PRECISION", "RECALL", "NEARER", "DIVERSITY",
      ],
      rows: levels.flatMap { level in
        models.map { model in
          ["\(level.percent) %", model]
            + [
              "frechet \(model)", "frechet of training \(model)", "precision \(model)", "recall \(model)", "nearer",
              "diversity",
            ]
            .map { text(level.generators, $0) }
        }
      })
  }

  private func plot(_ levels: [Level]) -> Plot {
    let known = levels.flatMap { $0.figures.arms.compactMap(\.auc) }
    var plot = Plot(
      title: "AUC over the amount of data", xLabel: "per cent of the training crops", yLabel: "AUC",
      x: AxisScale(covering: study.percentages.map(Double.init)),
      y: AxisScale(covering: known.flatMap { [$0.lower ?? $0.value, $0.upper ?? $0.value] }))
    plot.series = arms.enumerated().map { index, arm in
      let points = levels.compactMap { level in
        level.figures.arms[index].auc.map { (x: Double(level.percent), y: $0.value) }
      }
      return Plot.Series(arm.rawValue, points, shape: .linesAndPoints)
    }
    return plot
  }

  // MARK: - Words

  private func answer(_ level: Level) -> String {
    guard let base = level.figures.arms[0].auc else { return "No results." }
    var text = "On \(level.percent) % of the data \(arms[0].rawValue) has an AUC of \(base.text()). "
    text += ArchitectureFindings.sentence("AUC", arms.map(\.rawValue), level.figures.arms.map(\.aucDifference))
    if level.figures.arms.allSatisfy({ $0.auc.map { $0.value < Self.learnt } ?? true }) {
      text += " But no arm is far above chance, so differences are not informative."
    }
    if !level.other.isEmpty {
      text +=
        " On the other data set: "
        + ArchitectureFindings.sentence("AUC", arms.map(\.rawValue), level.other.map(\.difference))
    }
    return text
  }

  private var method: [String] {
    [
      "All arms have the same training, on crops of the training part drawn by a seed: \(trial.trainingText(study.network)) 'Data alone' has no augmentation; all others have classical augmentation. 'Duplicated data' repeats real crops "
        + "as often as other arms replace them by fakes.",
      "Generators are trained on the crops of each draw. A fraction of the real crops is replaced by generated faces, or has a "
        + "region of one blended in; in one arm these are the only fakes. Adversarial self-blending draws each fake "
        + "several times and uses the one that the network scores most real.",
      "Measured on the \(trial.test.count) crops of the test part; robust accuracy under \(trial.attackText) on "
        + "\(trial.attacked.count) of them."
        + (study.other.map { " The other data set has \($0.count) crops, all used for testing." } ?? ""),
    ]
  }

  private var limits: [String] {
    [
      "The generator is small and trained for few steps: a better one may contribute more.",
      "Equal training is not equal cost: generated pictures and adversarial draws take additional time.",
      study.other == nil
        ? "No other data set was given for testing: generalisation to other data is unknown."
        : "The other data set has its own sources and manipulations; a single set does not represent all footage.",
      "With \(arms.count - 1) comparisons on \(study.percentages.count) fractions, one in twenty is significant by chance; the intervals are not "
        + "corrected for multiple testing. They resample sources and seeds; a single seed gives no spread between seeds.",
    ]
  }
}
