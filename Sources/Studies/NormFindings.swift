import Datasets
import Foundation
import Metrics
import Models
import Reports
import Scoring

/// Effect of perturbations at equal visibility under each norm.
struct NormFindings {
  /// Attacks with one norm and one threat model on one model; the strongest attack on each crop counts.
  private struct Group: Hashable {
    var model: String
    var norm: String
    var kind: String

    var name: String { "\(Self.symbols[norm] ?? norm) \(kind)" }
    private static let symbols = ["linf": "ℓ∞", "l2": "ℓ2", "l0": "ℓ0"]
  }

  let study: NormStudy
  /// Source of each crop.
  let sources: [String]
  let records: [StudyRecord]

  private var visibilities: [Visibility] {
    study.levels.similarity.map { Visibility(measure: .ssim, least: $0) }
      + study.levels.psnr.map { Visibility(measure: .psnr, least: $0) }
  }

  func make() throws -> StudyFindings {
    var findings = StudyFindings(answer: "", method: method, limits: limits)
    var answers: [String] = []
    for model in study.models.map(\.detector.name) {
      let own = records.filter { $0.cell[.model] == model }
      let groups = groups(own)
      guard let right = try own.first?.column(.correct) else { continue }
      let indices = right.indices.filter { right[$0] == 1 }
      var rows: [[String]] = groups.keys.map { [$0.name] }
      for visibility in visibilities {
        let fractions = try fractions(groups, visibility, indices)
        for (index, fraction) in fractions.enumerated() {
          rows[index].append(fraction.estimate?.text() ?? "-")
          if let estimate = fraction.estimate {
            findings.figures.append(
              StudyFigure(
                "\(model), \(fraction.group.name)", "fraction flipped at \(visibility.text)", estimate,
                count: indices.count,
                unit: "crops"))
          }
        }
      }
      findings.tables.append(
        .init(
          title: "\(model): fraction of initially correct crops that are misclassified",
          note:
            "\(indices.count) of \(right.count) crops were initially correct. A crop counts if any attack of the norm, at any "
            + "budget within the visibility limit, flips it. 95 % bootstraps over sources.",
          heading: ["NORM"] + visibilities.map(\.text), rows: rows))
      answers.append(try answer(model, groups, indices))
      for measure in [StudyColumn.ssim, .psnr] {
        findings.plots.append(try plot(model, groups, indices, measure))
      }
    }
    findings.tables.append(try budgets())
    findings.answer = answers.joined(separator: " ")
    return findings
  }

  /// Records by norm and threat model, in the order of the cells.
  private func groups(_ records: [StudyRecord]) -> KeyedGroups<Group> {
    KeyedGroups(records) { Group(model: $0.cell[.model], norm: $0.cell[.norm], kind: $0.cell[.gradients]) }
  }

  /// 1 for each crop that at least one attack of the group flips within the visibility limit, else 0.
  private func flipped(
    _ records: [StudyRecord], _ visibility: Visibility, _ indices: [Int]
  ) throws -> [Double] {
    let columns = try records.map { (flipped: try $0.column(.flipped), measure: try $0.column(visibility.measure)) }
    return indices.map { position in
      columns.contains { $0.flipped[position] == 1 && $0.measure[position] >= visibility.least } ? 1 : 0
    }
  }

  private func fractions(
    _ groups: KeyedGroups<Group>, _ visibility: Visibility, _ indices: [Int]
  ) throws -> [(group: Group, estimate: Estimate?)] {
    let draws = PairedDraws(sources: indices.map { sources[$0] })
    return try groups.keys.map { group in (group, draws.mean(try flipped(groups[group], visibility, indices))) }
  }

  // MARK: - Answer

  private func answer(_ model: String, _ groups: KeyedGroups<Group>, _ indices: [Int]) throws -> String {
    let deciding = visibilities[0]
    let draws = PairedDraws(sources: indices.map { sources[$0] })
    let parts = try ["white box", "black box"].compactMap { kind -> String? in
      let own = groups.keys.filter { $0.kind == kind }
      let columns = try own.map { try flipped(groups[$0], deciding, indices) }
      guard own.count > 1, !indices.isEmpty else { return nil }
      return Self.comparison(names: own.map(\.name), columns: columns, draws: draws)
    }
    return "\(model), at \(deciding.text), \(indices.count) crops: " + parts.joined(separator: "; ") + "."
  }

  /// Sentence naming the attack with the greatest fraction, and whether its lead is significant.
  ///
  /// - Parameter columns: for each name, 0 or 1 for each crop.
  static func comparison(names: [String], columns: [[Double]], draws: PairedDraws) -> String {
    func mean(_ column: [Double], _ drawn: [Int]) -> Double {
      drawn.reduce(0) { $0 + column[$1] } / Double(max(drawn.count, 1))
    }
    let all = Array(columns[0].indices)
    let order = columns.indices.sorted { (mean(columns[$0], all), $1) > (mean(columns[$1], all), $0) }
    let (first, second) = (order[0], order[1])
    let difference = draws.bounded(
      draws.estimates { drawn in [mean(columns[first], drawn) - mean(columns[second], drawn)] }[0])
    guard let best = draws.mean(columns[first]), let next = draws.mean(columns[second]), let difference else {
      return "no results"
    }
    if best.value == 0 { return "no perturbation by \(names.joined(separator: ", ")) flips any" }
    let figures =
      "\(names[first]) flips \(best.text()), \(names[second]) \(next.text()), a difference of \(difference.text())"
    return difference.isSignificant
      ? "\(figures), so \(names[first]) is the most effective" : "\(figures), which do not differ significantly"
  }

  // MARK: - Tables and plots

  private func budgets() throws -> StudyFindings.Table {
    let rows = try records.map { record -> [String] in
      let right = try record.column(.correct)
      let count = right.count { $0 == 1 }
      let flipped = try record.column(.flipped)
      // Initially misclassified crops are not attacked, so they do not count towards visibility.
      func mean(_ column: StudyColumn) throws -> Double {
        let all = try record.column(column)
        let values = right.indices.filter { right[$0] == 1 }.map { all[$0] }
        return values.reduce(0, +) / Double(max(values.count, 1))
      }
      let left = PairedDraws(sources: sources).mean(
        right.indices.map { right[$0] == 1 && flipped[$0] == 0 ? 1 : 0 })
      return [
        record.cell[.model], record.cell[.attack], record.cell[.epsilon], "\(right.count)", "\(count)",
        "\(flipped.count { $0 == 1 })",
        left?.text() ?? "-", Estimate.number(try mean(.ssim), 4), Estimate.number(try mean(.psnr), 1),
        Estimate.number(try mean(.queries), 0),
      ]
    }
    return .init(
      title: "Every attack and budget", note: "Robust accuracy with 95 % bootstraps over sources.",
      heading: [
        "MODEL", "ATTACK", "BUDGET", "CROPS", "CORRECT", "FLIPPED", "ROBUST ACCURACY", "SSIM", "PSNR", "CALLS",
      ],
      rows: rows)
  }

  private func plot(
    _ model: String, _ groups: KeyedGroups<Group>, _ indices: [Int], _ measure: StudyColumn
  ) throws -> (name: String, plot: Plot) {
    let (range, label) = measure == .ssim ? (0.9...1.0, "minimum SSIM") : (20.0...50.0, "minimum PSNR in dB")
    var plot = Plot(
      title: "\(model): flipped within a visibility limit", xLabel: label, yLabel: "fraction flipped",
      x: AxisScale(range),
      y: AxisScale(0...1))
    let levels = (0...40).map { range.lowerBound + Double($0) / 40 * (range.upperBound - range.lowerBound) }
    plot.series = try groups.keys.map { group in
      Plot.Series(
        group.name,
        try levels.map { level in
          let flipped = try flipped(groups[group], Visibility(measure: measure, least: level), indices)
          return (x: level, y: flipped.reduce(0, +) / Double(max(flipped.count, 1)))
        })
    }
    return ("flipped-\(measure.name)-\(model)", plot)
  }

  // MARK: - Words

  private var method: [String] {
    let settings = study.request.settings.values.mapValues { $0.joined(separator: ", ") }
    func setting(_ name: String) -> String { settings[name] ?? "" }
    return [
      "\(sources.count) crops of the test part, from \(Set(sources).count) sources. White-box attacks: \(setting("white")) "
        + "(\(setting("steps")) steps); black-box: \(setting("black")) (\(setting("queries")) hundred queries). Budgets: ℓ∞ "
        + "\(setting("linf")); ℓ2 \(setting("l2")); ℓ0 \(setting("l0")) pixels. Perturbations have 8-bit values.",
      "Visibility is the structural similarity (Wang et al. 2004) and the PSNR of the perturbed crop against the clean one. An "
        + "attacker uses the least visible successful budget: a crop counts as flipped at a similarity if any budget flips it at "
        + "that similarity or a higher one. All norms use the same crops, so differences are paired.",
    ]
  }

  private var limits: [String] {
    var limits = [
      "SSIM and PSNR are not human perception: a few pixels changed under ℓ0 may be more visible than uniform noise of the same SSIM.",
      "Budgets between those listed were not tried, so fractions are lower bounds; more queries and steps flip more.",
      "The most effective norm was selected from all of them; the interval of its lead does not account for this selection.",
    ]
    if !study.isSplitKnown { limits.append(unknownSplitLimit) }
    return limits
  }
}
