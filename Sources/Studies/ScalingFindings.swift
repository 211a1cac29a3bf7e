import Datasets
import Foundation
import Metrics
import Reports

/// Results against the amount of data, with power laws fitted to the errors.
struct ScalingFindings {
  let study: ScalingStudy
  let trial: StudyTrial
  let records: [StudyRecord]

  /// One axis of data growth: crops or sources.
  private struct Axis {
    var name: String
    var amounts: [Int]
    var groups: [[StudyRecord]]
    var figures: TrialFigures
    /// Power laws and exponents of the errors 1 - AUC and 1 - robust accuracy.
    var clean: (law: PowerLaw?, exponent: Estimate?)
    var robust: (law: PowerLaw?, exponent: Estimate?)
  }

  func make() throws -> StudyFindings {
    let axes = [try axis("crops", study.sizes), try axis("sources", study.sourceCounts)]
    var findings = StudyFindings(
      answer: axes.map(answer).joined(separator: " "), method: method, limits: limits)
    for axis in axes {
      findings.tables.append(table(axis))
      for (index, arm) in axis.figures.arms.enumerated() {
        let subject = "\(axis.amounts[index]) \(axis.name)"
        for (name, estimate, count) in [
          ("AUC", arm.auc, trial.test.count), ("clean accuracy", arm.clean, trial.attacked.count),
          ("robust accuracy", arm.robust, trial.attacked.count),
        ] {
          if let estimate { findings.figures.append(StudyFigure(subject, name, estimate, count: count, unit: "crops")) }
        }
      }
      for (name, exponent) in [("1 - AUC", axis.clean.exponent), ("1 - robust accuracy", axis.robust.exponent)] {
        if let exponent {
          findings.figures.append(
            StudyFigure(
              "over \(axis.name)", "exponent of \(name)", exponent, count: axis.groups.joined().count, unit: "trainings"
            ))
        }
      }
      findings.plots.append(("error-\(axis.name)", plot(axis)))
    }
    findings.tables.append(laws(axes))
    return findings
  }

  private func axis(_ name: String, _ amounts: [Int]) throws -> Axis {
    let groups = amounts.map { amount in
      records.filter { $0.cell[.axis] == name && $0.cell[.amount] == "\(amount)" }
    }
    let labels = trial.isFake(trial.test)
    let scores = try TrialFigures.columns(.logit, of: groups).map {
      $0.map { ScoredLabels(scores: $0, labels: labels) }
    }
    let columns = try TrialFigures.columns(.robust, of: groups)
    func law(_ errors: [Double?]) -> PowerLaw? {
      let known = errors.compactMap { $0 }
      return known.count == errors.count
        ? PowerLaw(fitting: zip(amounts, known).map { (x: Double($0), y: $1) }) : nil
    }
    let seeds = groups.map(\.count).min() ?? 0
    func clean(_ drawn: [Int], _ seeds: [Int]) -> PowerLaw? {
      law(
        scores.map { own in
          let known = own.map { ThresholdCurve($0.selecting(drawn)).auc }
          return TrialFigures.mean(seeds.map { known[$0] }).map { 1 - $0 }
        })
    }
    func robust(_ drawn: [Int], _ seeds: [Int]) -> PowerLaw? {
      law(
        columns.map { own in
          1 - seeds.reduce(0) { sum, seed in sum + drawn.reduce(0) { $0 + own[seed][$1] } }
            / Double(max(drawn.count * seeds.count, 1))
        })
    }
    func fitted(_ crops: [Int], _ fit: ([Int], [Int]) -> PowerLaw?) -> (law: PowerLaw?, exponent: Estimate?) {
      let draws = PairedDraws(sources: trial.sources(crops), resamples: 500)
      return (
        fit(Array(crops.indices), Array(0..<seeds)), draws.estimates(seeds: seeds) { [fit($0, $1)?.exponent] }[0]
      )
    }
    return Axis(
      name: name, amounts: amounts, groups: groups, figures: try TrialFigures(groups, trial),
      clean: fitted(trial.test, clean), robust: fitted(trial.attacked, robust))
  }

  // MARK: - Words

  private func answer(_ axis: Axis) -> String {
    let what = axis.name == "crops" ? "crops" : "sources of \(study.cropsOfSources) crops"
    var parts: [String] = []
    for (name, kind) in [("1 - AUC", axis.clean), ("the error under attack", axis.robust)] {
      guard let exponent = kind.exponent else {
        parts.append("no power law fits \(name)")
        continue
      }
      parts.append(Self.sentence(name, exponent))
    }
    let ends =
      axis.figures.arms.first?.auc.flatMap { low in
        axis.figures.arms.last?.auc.map { "AUC \(low.text()) to \($0.text())" }
      } ?? "no AUC"
    return "From \(axis.amounts[0]) to \(axis.amounts[axis.amounts.count - 1]) \(what): \(ends); "
      + parts.joined(separator: "; ") + "."
  }

  /// Sentence on the trend of an error, given its exponent.
  static func sentence(_ error: String, _ exponent: Estimate) -> String {
    guard exponent.isSignificant else { return "no significant change of \(error) (exponent \(exponent.text()))" }
    let factor = pow(2, exponent.value)
    return
      "\(error) \(exponent.value < 0 ? "decreases" : "increases") with exponent \(exponent.text()), by a factor of "
      + String(format: "%.2f", factor) + " per doubling"
  }

  private func table(_ axis: Axis) -> StudyFindings.Table {
    .init(
      title: axis.name == "crops" ? "More crops" : "More sources of \(study.cropsOfSources) crops",
      note:
        "Means over \(study.seeds.count) seeds with 95 % bootstraps over sources of the test part and seeds, followed by the range "
        + "of the seeds.",
      heading: [axis.name.uppercased(), "FROM SOURCES", "AUC", "SEEDS", "CLEAN ACCURACY", "ROBUST ACCURACY", "SEEDS"],
      rows: axis.amounts.indices.map { index in
        let arm = axis.figures.arms[index]
        let sources = axis.groups[index].compactMap { $0.values["training_sources"] }
        return [
          "\(axis.amounts[index])", sources.max().map { "\(Int($0))" } ?? "-", arm.auc?.text() ?? "-",
          TrialFigures.text(arm.aucRange), arm.clean?.text() ?? "-", arm.robust?.text() ?? "-",
          TrialFigures.text(arm.robustRange),
        ]
      })
  }

  private func laws(_ axes: [Axis]) -> StudyFindings.Table {
    .init(
      title: "Power laws",
      note: "error = scale · amount^exponent, least squares between logarithms of the means over seeds.",
      heading: ["OVER", "ERROR", "EXPONENT", "SCALE", "R²"],
      rows: axes.flatMap { axis in
        [("1 - AUC", axis.clean), ("1 - robust accuracy", axis.robust)].map { name, kind in
          [
            axis.name, name, kind.exponent?.text() ?? "no fit",
            kind.law.map { String(format: "%.3g", $0.scale) } ?? "-",
            kind.law.map { Estimate.number($0.determination, 2) } ?? "-",
          ]
        }
      })
  }

  private func plot(_ axis: Axis) -> Plot {
    let places = axis.amounts.map(Double.init)
    func errors(_ value: (TrialFigures.Arm) -> Estimate?) -> [Estimate] {
      axis.figures.arms.map { arm in
        let own = value(arm)
        var error = Estimate(1 - (own?.value ?? .nan))
        if let own, let lower = own.lower, let upper = own.upper { (error.lower, error.upper) = (1 - upper, 1 - lower) }
        return error
      }
    }
    let curves = [
      ("1 - AUC", errors(\.auc), axis.clean.law), ("1 - robust accuracy", errors(\.robust), axis.robust.law),
    ]
    var plot = Plot(
      title: "Error over \(axis.name)", xLabel: "\(axis.name) in training (logarithmic)", yLabel: "error",
      x: AxisScale(covering: places, .logarithmic), y: AxisScale(0...1))
    for (name, estimates, law) in curves {
      plot.series.append(
        Plot.Series(
          name, zip(places, estimates).map { (x: $0, y: $1.value) }, shape: .points,
          intervals: estimates.map { ($0.lower ?? $0.value, $0.upper ?? $0.value) }))
      if let law, let first = places.first, let last = places.last {
        let points = (0...20).map { first * pow(last / first, Double($0) / 20) }
        plot.series.append(Plot.Series("\(name), fitted", points.map { (x: $0, y: law.value(at: $0)) }))
      }
    }
    return plot
  }

  private var method: [String] {
    [
      "\(trial.trainingText(study.network)) The same for each set, half of which is fake. \(study.seeds.count) seeds per size "
        + "determine the set and all other randomness.",
      "Measured on the \(trial.test.count) crops of the test part (\(trial.figuresText)); robust accuracy under \(trial.attackText) "
        + "on \(trial.attacked.count) of them. For sources, sets of \(study.cropsOfSources) crops come from an increasing number of "
        + "sources, all drawn from those with enough crops for the smallest number.",
    ]
  }

  private var limits: [String] {
    [
      "Two or three doublings do not establish a law: the exponent holds for these sizes, this network and this training.",
      "Intervals resample sources of the test part and seeds; \(study.seeds.count) seeds are a small sample.",
      "Robust accuracy of networks without hardening is always low, and a weaker network can appear more robust because "
        + "its gradients are smaller.",
    ]
  }
}

extension StudyTrial {
  /// Class and source counts of the test part, as text.
  var figuresText: String {
    "\(isFake(test).count { $0 }) fake, \(Set(sources(test)).count) sources"
  }
}
