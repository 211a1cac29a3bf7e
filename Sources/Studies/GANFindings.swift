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
    var share: Int
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
    let levels = try study.shares.map(level)
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

  private func level(_ share: Int) throws -> Level {
    let own = records.filter { $0.cell[.share] == "\(share)" }
    let groups = arms.map { arm in own.filter { $0.cell[.arm] == arm.rawValue } }
    return Level(
      share: share, figures: try TrialFigures(groups, trial), other: try other(groups),
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
            StudyFigure("\(arm.rawValue), \(level.share) %", name, estimate, count: count, unit: "crops"))
        }
      }
    }
    return figures
  }

  private func table(_ level: Level) -> StudyFindings.Table {
    let hasOther = study.other != nil
    return .init(
      title: "\(level.share) % of the training data",
      note:
        "Means over \(study.seeds.count) seeds with 95 % bootstraps over sources and seeds; differences are paired by crop and seed. Behind AUC "
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
        "Fréchet distances are reported and no criterion: they hold for these features and these numbers of pictures alone. "
        + "Nearer: the probability that a picture is nearer to its nearest training crop than an unseen real crop is to its "
        + "own.",
      heading: [
        "SHARE", "FEATURES", "FRÉCHET DISTANCE", "OF TRAINING CROPS", "PRECISION", "RECALL", "NEARER", "DIVERSITY",
      ],
      rows: levels.flatMap { level in
        models.map { model in
          ["\(level.share) %", model]
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
      x: AxisScale(covering: study.shares.map(Double.init)),
      y: AxisScale(covering: known.flatMap { [$0.lower ?? $0.value, $0.upper ?? $0.value] }))
    plot.series = arms.enumerated().map { index, arm in
      let points = levels.compactMap { level in
        level.figures.arms[index].auc.map { (x: Double(level.share), y: $0.value) }
      }
      return Plot.Series(arm.rawValue, points, shape: .linesAndPoints)
    }
    return plot
  }

  // MARK: - Words

  private func answer(_ level: Level) -> String {
    guard let base = level.figures.arms[0].auc else { return "Nothing could be measured." }
    var text = "On \(level.share) % of the data \(arms[0].rawValue) has an AUC of \(base.text()). "
    text += ArchitectureFindings.sentence("AUC", arms.map(\.rawValue), level.figures.arms.map(\.aucDifference))
    if level.figures.arms.allSatisfy({ $0.auc.map { $0.value < Self.learnt } ?? true }) {
      text += " But no arm has learnt much, so that differences say little."
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
      "Each arm trains alike, on crops of the training part that a seed draws: \(trial.trainingText(study.network)) Data alone is without augmentation; all others have classical augmentation. Duplicated data shows real crops "
        + "again, as often as other arms show fakes of them.",
      "Generators are fitted to the very crops of each draw. Of the real crops a share is shown as whole generated faces, or "
        + "with a region of one blended in; in one arm these are the only fakes. Adversarial self-blending draws each fake "
        + "several times and shows the one that the network takes most for real.",
      "Measured on the \(trial.test.count) crops of the test part; robust accuracy is what \(trial.attackText) leaves of "
        + "\(trial.attacked.count) of them."
        + (study.other.map { " The other data set has \($0.count) crops, all of them a test." } ?? ""),
    ]
  }

  private var limits: [String] {
    [
      "The generator is a small one, trained for few steps: what a better one would contribute is another question.",
      "Equal training is no equal cost: generated pictures and hard draws take time of their own.",
      study.other == nil
        ? "No other data set was at hand as a test: whether an arm helps elsewhere is not told."
        : "The other data set has sources and ways of forging of its own; one set is no world.",
      "With \(arms.count - 1) comparisons on \(study.shares.count) fractions one in twenty is significant by chance; the intervals are not "
        + "widened for that. They draw sources and seeds; of one seed nothing is known of the spread between them.",
    ]
  }
}
