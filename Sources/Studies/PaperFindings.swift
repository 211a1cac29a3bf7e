import Attacks
import Compute
import Datasets
import Foundation
import Metrics
import RedTeam
import Reports
import Runs
import Scoring

/// Results of the paper's experiment here, compared with the reported figures.
struct PaperFindings {
  private static let shownPictures = 4

  let study: PaperStudy
  let set: CropSet
  let trainings: [StudyRecord]
  let perturbations: [StudyRecord]
  let bench: StudyBench

  private var positive: String { study.crops.classes.positive }
  private var unit: String { study.crops.isCropSet ? "crops" : "pictures" }

  func make() throws -> StudyFindings {
    let test = try trainings[0].column(.crop).map { Int($0) }
    let isPositive = test.map { set.records[$0].item.label == .fake }
    let draws = PairedDraws(sources: test.map { set.records[$0].item.group })
    let figures = try figures(isPositive, draws)
    let effects = try perturbations.map(effect)
    var findings = StudyFindings(
      answer: answer(figures, test: test.count, sources: draws.sourceCount, effects), method: method(test, isPositive),
      limits: limits)
    findings.figures = figures.compactMap { figure in
      figure.estimate.map { StudyFigure("network", figure.name, $0, count: test.count, unit: unit) }
    }
    findings.tables = [reported(figures)]
    for effect in effects {
      for (name, estimate) in effect.figures {
        findings.figures.append(StudyFigure(effect.name, name, estimate, count: effect.right, unit: unit))
      }
    }
    findings.tables.append(table(effects))
    findings.plots = [("roc", try roc(isPositive)), ("probability", probabilityPlot(effects))]
    (findings.pictures, findings.pictureColumns) = (try pictures(), 3)
    findings.pictureNote =
      "Original, perturbed, and the difference times \(PerturbationPictures.amplification) around grey."
    return findings
  }

  // MARK: - Figures of the network

  private struct Figure {
    var name: String
    var reported: String
    var estimate: Estimate?
    /// Minimum and maximum over the runs.
    var range: (Double, Double)?
  }

  private typealias Statistic = (name: String, reported: String, value: (ScoredLabels) -> Double?)

  /// Computed on logits; logit 0 is a probability of one half.
  private var statistics: [Statistic] {
    [
      ("precision", "0.762 (DFDC)", { ConfusionMatrix($0, threshold: 0).precision }),
      ("recall", "not given", { ConfusionMatrix($0, threshold: 0).recall }),
      ("precision of always \"\(positive)\"", "not given", { $0.prevalence }),
      (
        "precision above that", "not significant",
        { data in ConfusionMatrix(data, threshold: 0).precision.flatMap { own in data.prevalence.map { own - $0 } } }
      ),
      ("accuracy", "not given", { ConfusionMatrix($0, threshold: 0).accuracy }),
      ("balanced accuracy", "not given", { ConfusionMatrix($0, threshold: 0).balancedAccuracy }),
      ("cross-entropy", "plotted, no figure known here", { $0.logLossOfLogits }),
      ("AUC", "plotted, no figure known here", { ThresholdCurve($0).auc }),
    ]
  }

  private func figures(_ isPositive: [Bool], _ draws: PairedDraws) throws -> [Figure] {
    let data = try trainings.map { ScoredLabels(scores: try $0.column(.logit), labels: isPositive) }
    let statistics = statistics
    let estimates = draws.estimates { drawn in
      let parts = data.map { $0.selecting(drawn) }
      return statistics.map { statistic in
        let values = parts.compactMap(statistic.value)
        return values.count == parts.count ? values.reduce(0, +) / Double(values.count) : nil
      }
    }
    return zip(statistics, estimates).map { statistic, estimate in
      let values = data.compactMap(statistic.value)
      let range = values.min().flatMap { low in values.max().map { (low, $0) } }
      return Figure(name: statistic.name, reported: statistic.reported, estimate: estimate, range: range)
    }
  }

  private func reported(_ figures: [Figure]) -> StudyFindings.Table {
    let isSingle = trainings.count == 1
    return StudyFindings.Table(
      title: "Reported and measured",
      note:
        "Decisions at a probability of one half, without calibration. Intervals are 95 % bootstraps over "
        + "sources"
        + (isSingle ? "." : " of the mean over \(trainings.count) trainings, followed by the range of these."),
      heading: ["FIGURE", "THE PAPER", "HERE", "95 % INTERVAL"] + (isSingle ? [] : ["RUNS"]),
      rows: figures.map { figure in
        let range = figure.range.map { "\(Estimate.number($0)) to \(Estimate.number($1))" } ?? "-"
        return [
          figure.name, figure.reported, figure.estimate.map { Estimate.number($0.value) } ?? "-",
          figure.estimate?.intervalText() ?? "-",
        ] + (isSingle ? [] : [range])
      })
  }

  private func roc(_ isPositive: [Bool]) throws -> Plot {
    let curves = try trainings.map { record in
      ThresholdCurve(ScoredLabels(scores: try record.column(.logit), labels: isPositive))
    }
    var plot = DetectorPlots.roc([], auc: curves.count == 1 ? curves[0].auc : nil)
    plot.series = zip(trainings, curves).map { record, curve in
      Plot.Series("run \(record.cell[.run])", curve.rocCorners.map { (x: $0.falsePositiveRate, y: $0.recall) })
    }
    return plot
  }

  // MARK: - Perturbations

  /// Effect of one attack at one budget on the initially correct pictures.
  private struct Effect {
    var name: String
    var attack: String
    var epsilon: Double
    var budget: String
    var pictures: Int
    var right: Int
    var flippedCount: Int
    var before: Estimate?
    var after: Estimate?
    var flipped: Estimate?
    var similarity: Double?

    var figures: [(String, Estimate)] {
      [("probability before", before), ("probability after", after), ("fraction flipped", flipped)].compactMap {
        name, value in
        value.map { (name, $0) }
      }
    }
  }

  private func effect(_ record: StudyRecord) throws -> Effect {
    let crops = try record.column(.crop).map { Int($0) }
    let (wasCorrect, isFlipped) = (try record.column(.correct), try record.column(.flipped))
    let right = crops.indices.filter { wasCorrect[$0] == 1 }
    let draws = PairedDraws(sources: right.map { set.records[crops[$0]].item.group })
    func mean(_ column: StudyColumn) throws -> Estimate? {
      let values = try record.column(column)
      return draws.mean(right.map { values[$0] })
    }
    let flipped = right.count { isFlipped[$0] == 1 }
    return Effect(
      name: "\(record.cell[.attack]) \(record.cell[.epsilon])", attack: record.cell[.attack],
      epsilon: fraction(record.cell[.epsilon]) ?? 0, budget: record.cell[.epsilon], pictures: crops.count,
      right: right.count, flippedCount: flipped, before: try mean(.before), after: try mean(.after),
      flipped: try mean(.flipped),
      similarity: try mean(.ssim)?.value)
  }

  private func table(_ effects: [Effect]) -> StudyFindings.Table {
    StudyFindings.Table(
      title: "Perturbed single \(unit)",
      note:
        "Probability of the true class, mean over those initially correct, with 95 % bootstraps over sources. Flipped: "
        + "misclassified after the attack. Perturbations have 8-bit values.",
      heading: [
        "ATTACK", "ℓ∞", "PERTURBED", "INITIALLY CORRECT", "BEFORE", "AFTER", "FLIPPED", "FRACTION FLIPPED", "SSIM",
      ],
      rows: effects.map { effect in
        [
          effect.attack, effect.budget, "\(effect.pictures)", "\(effect.right)", effect.before?.text() ?? "-",
          effect.after?.text() ?? "-", "\(effect.flippedCount)", effect.flipped?.text() ?? "-",
          effect.similarity.map { Estimate.number($0, 4) } ?? "-",
        ]
      })
  }

  private func probabilityPlot(_ effects: [Effect]) -> Plot {
    let largest = effects.map(\.epsilon).max() ?? 0
    var plot = Plot(
      title: "Probability of the true class", xLabel: "ε in 255ths (ℓ∞)", yLabel: "mean probability",
      x: AxisScale(0...max(largest * 255, 1)), y: AxisScale(0...1))
    for (attack, own) in Dictionary(grouping: effects, by: \.attack).sorted(by: { $0.key < $1.key }) {
      let known = own.filter { $0.after != nil }.sorted { $0.epsilon < $1.epsilon }
      guard let start = known.first?.before else { continue }
      let estimates = [start] + known.compactMap(\.after)
      let indices = [0] + known.map { $0.epsilon * 255 }
      plot.series.append(
        Plot.Series(
          attack, zip(indices, estimates).map { (x: $0, y: $1.value) }, shape: .linesAndPoints,
          intervals: estimates.map { ($0.lower ?? $0.value, $0.upper ?? $0.value) }))
    }
    return plot
  }

  /// Pictures that were misclassified at the smallest budget at which any was.
  private func pictures() throws -> [HTMLPage.Picture] {
    guard let record = try perturbations.first(where: { try $0.column(.flipped).contains(1) }) else { return [] }
    let attack = try study.attack(record.cell, bench)
    let oracle = try attack.model.oracle()
    let (crops, isFlipped) = (try record.column(.crop), try record.column(.flipped))
    let flipped = crops.indices.filter { isFlipped[$0] == 1 }
    return try flipped.prefix(Self.shownPictures).flatMap { index in
      let crop = Int(crops[index])
      // Attacks are seeded per crop, so this reproduces the measured perturbation.
      let (perturbed, outcome) = try attack.perturb(crop, oracle)
      let truth = set.trueClass(at: crop) == .fake ? positive : study.crops.classes.negative
      func probability(_ column: StudyColumn) throws -> String { Estimate.number(try record.column(column)[index]) }
      return try PerturbationPictures.row(
        attack.frame(at: crop), perturbed,
        captions: (
          "\(truth) with probability \(try probability(.before))",
          "\(truth) with probability \(try probability(.after))",
          String(format: "%@, ℓ∞ %.0f/255", record.cell[.attack], outcome.size.linf * 255)
        ))
    }
  }

  // MARK: - Words

  private func answer(_ figures: [Figure], test: Int, sources: Int, _ effects: [Effect]) -> String {
    func estimate(_ name: String) -> Estimate? { figures.first { $0.name == name }?.estimate }
    var text = "On \(test) \(unit) of \(counted(sources, "sources")) held out from training, "
    if let precision = estimate("precision"), let recall = estimate("recall"),
      let above = estimate("precision above that")
    {
      text += "precision is \(precision.text()) at a recall of \(recall.text()), "
      text +=
        above.isSignificant && above.value > 0
        ? "\(above.text()) above always answering \"\(positive)\""
        : "and the difference from always answering \"\(positive)\" is not significant (\(above.text()))"
    } else {
      text += "nothing is classified as \"\(positive)\", so precision is undefined"
    }
    if let auc = estimate("AUC") { text += "; AUC \(auc.text())" }
    text += ". "
    if study.crops.isCropSet {
      text += "The paper reports 76.2 % without recall and prevalence, which is not comparable. "
    }
    // Reports the smallest budget with a measured effect.
    guard
      let example = effects.first(where: { $0.right > 0 && $0.flippedCount > 0 })
        ?? effects.first(where: { $0.right > 0 }),
      let before = example.before, let after = example.after
    else { return text + "None of the selected \(unit) was initially correct, so none was perturbed." }
    return text
      + "\(example.attack) at ℓ∞ \(example.budget) changes the mean probability of the true class from \(before.text()) to "
      + "\(after.text()) and flips \(example.flippedCount) of \(example.right) that were initially correct."
  }

  private func method(_ test: [Int], _ isPositive: [Bool]) -> [String] {
    let settings = study.request.settings.values.mapValues { $0.joined(separator: ", ") }
    func setting(_ name: String) -> String { settings[name] ?? "" }
    let total = set.records.count
    let split =
      study.request.splitPath.map { "Split of \($0)" } ?? "Split 60/20/20 by source (seed \(study.request.seed))"
    return [
      "The paper's network: 4 convolutions (\(setting("widths")) channels) and 2 fully connected layers (\(setting("hidden")) "
        + "units), \(Int(trainings[0].values["parameters"] ?? 0)) weights, on \(set.header.size)×\(set.header.size) pixels, "
        + "trained \(trainings.count == 1 ? "once" : "\(trainings.count) times") for \(setting("epochs")) epochs; the epoch with the "
        + "best AUC on the validation part is kept.",
      "\(split): of \(total) \(unit), \(test.count) are in the test part, "
        + "\(isPositive.count { $0 }) of them \(positive). Precision, recall, cross-entropy and ROC on the test part.",
      "Then \(setting("attacks")) with the network's gradients on single \(unit) of the test part, \(setting("perturbed")) "
        + "of each class, against the true class, and the probability before and after.",
    ]
  }

  private var limits: [String] {
    var limits = [
      "The abstract, the only part of the paper available here, does not state widths, optimiser, augmentation and epochs: "
        + "this is not a reproduction of its figures.",
      "Precision depends on the prevalence of \(positive) among the \(unit), and does not transfer to another prevalence.",
    ]
    if set.header.size != 256 { limits.append("The paper's input has 256×256 pixels, here it has \(set.header.size).") }
    if trainings.count == 1 {
      limits.append("One training: the intervals do not include the variation between seeds.")
    }
    if !study.crops.isCropSet {
      limits.append(
        "Every picture counts as its own source: if several show one person, the figures are optimistic.")
    }
    return limits
  }
}
