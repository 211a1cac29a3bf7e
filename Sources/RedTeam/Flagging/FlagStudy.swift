import Attacks
import Compute
import Datasets
import Decoder
import Files
import Foundation
import Metrics
import Models
import Runs
import Scoring

/// Fits the perturbed-input flag on unperturbed crops of the validation part, and measures it on unperturbed and
/// attacked crops of the attacked part.
///
/// Units are whole videos and pictures, each represented by the median over its crops.
struct FlagStudy {
  /// Maximum number of crops per class, for fitting and for counting false alarms.
  private static let cleanCrops = 400

  let grid: AttackGrid
  let rate: Double

  /// - Returns: nil when the run was interrupted.
  /// - Throws: `WorkflowError.input` if there are too few crops to fit the rate.
  func run(_ interruption: Interruption) throws -> [FlagRow]? {
    var rows: [FlagRow] = []
    for index in grid.models.indices where grid.models[index].isDefenceKnown {
      guard let own = try self.rows(of: index, interruption) else { return nil }
      rows += own
    }
    return rows
  }

  private func rows(of index: Int, _ interruption: Interruption) throws -> [FlagRow]? {
    let (model, options) = (grid.models[index], grid.options)
    let attacked = Set(grid.plan.crops.map { grid.set.records[$0].item.group })
    let others = try AttackPlan.part(
      options.part == .all ? .all : .validation, options, set: grid.set, models: grid.loaded
    ).filter { !attacked.contains(grid.set.records[$0].item.group) }
    let fitting = AttackPlan.chosen(others, of: grid.set, limit: Self.cleanCrops, seed: options.seed)
    guard let values = try disagreements(fitting, of: index, interruption) else { return nil }
    let clean = units(fitting, values).map(\.statistic)
    guard let threshold = PerturbedFlag.threshold(of: clean, rate: rate) else {
      throw WorkflowError.input(
        path: options.crops,
        why: "\(clean.count) videos and pictures are too few to fit a false alarm rate of \(rate) to: "
          + "at least \(Int((1 / rate).rounded(.up))) are needed")
    }
    let flag = PerturbedFlag(
      model: model.loaded.detector.name, modelSHA256: model.loaded.sha256, defence: model.defence?.name,
      changes: DisagreementMeter.names, threshold: threshold, falseAlarmRate: rate, fitted: clean.count)
    guard let falseAlarms = try self.falseAlarms(flag, index, fitting: fitting, interruption) else { return nil }
    try write(flag, of: model)
    return falseAlarms + grid.plan.trials.map { detection(flag, model, $0) }
  }

  /// False alarms on items of the attacked part that were not used for fitting. If there are both videos and pictures,
  /// also for each kind separately: scans see videos, whose median over many crops varies less.
  private func falseAlarms(
    _ flag: PerturbedFlag, _ index: Int, fitting: [Int], _ interruption: Interruption
  ) throws -> [FlagRow]? {
    let options = grid.options
    let fitted = Set(fitting.map { grid.set.records[$0].item.group })
    let pool = try AttackPlan.part(options.part, options, set: grid.set, models: grid.loaded).filter {
      !fitted.contains(grid.set.records[$0].item.group)
    }
    let crops = AttackPlan.chosen(pool, of: grid.set, limit: Self.cleanCrops, seed: options.seed)
    guard let disagreements = try self.disagreements(crops, of: index, interruption) else { return nil }
    let all = units(crops, disagreements)
    let kinds = Set(all.map(\.kind)).count > 1 ? [nil, LabelledItem.Kind.video, .picture] : [nil]
    return kinds.map { kind in
      let chosen = all.filter { kind == nil || $0.kind == kind }
      let values = chosen.map(\.statistic)
      return FlagRow(
        grid.models[index], attack: nil, kind: kind, budget: nil, flag,
        flagged: values.count { $0 > flag.threshold }, units: values.count, sources: Set(chosen.map(\.source)).count)
    }
  }

  /// Detection rate over the units in which the attack misclassified a crop.
  private func detection(_ flag: PerturbedFlag, _ model: AttackModel, _ trial: AttackPlan.Trial) -> FlagRow {
    var touched: [String: [Double]] = [:]
    var misclassified: Set<String> = []
    var sources: [String: String] = [:]
    for crop in grid.plan.crops {
      guard let outcome = grid.log[grid.entry(model, trial, crop)], let value = outcome.disagreement else { continue }
      let path = grid.set.records[crop].item.path
      sources[path] = grid.set.records[crop].item.group
      if outcome.isInitiallyCorrect { touched[path, default: []].append(value) }
      if outcome.isSuccess { misclassified.insert(path) }
    }
    let units = touched.filter { misclassified.contains($0.key) }
    let values = units.compactMap { PerturbedFlag.statistic($0.value) }
    return FlagRow(
      model, attack: trial.attack, budget: trial.budget, flag, flagged: values.count { $0 > flag.threshold },
      units: values.count, sources: Set(units.keys.map { sources[$0] ?? $0 }).count)
  }

  private typealias Unit = (kind: LabelledItem.Kind, source: String, statistic: Double)

  private func units(_ crops: [Int], _ values: [Double]) -> [Unit] {
    let byPath = Dictionary(grouping: crops.indices) { grid.set.records[crops[$0]].item.path }
    return byPath.values.compactMap { places in
      let item = grid.set.records[crops[places[0]]].item
      return PerturbedFlag.statistic(places.map { values[$0] }).map { (item.kind, item.group, $0) }
    }
  }

  private func disagreements(_ crops: [Int], of model: Int, _ interruption: Interruption) throws -> [Double]? {
    let progress = ProgressLine(unit: "unperturbed crops", total: crops.count, quiet: grid.options.quiet)
    defer { progress.finish() }
    let view = try grid.view(for: grid.models[model])
    return try parallelMap(
      count: crops.count, workers: grid.options.workers, isCancelled: { interruption.isRequested },
      context: { _ in try DisagreementMeter(grid.models[model]) }
    ) { meter, index in
      let value = try meter.measure(view.attackPixels(at: crops[index]))
      progress.advance()
      return value
    }
  }

  private func write(_ flag: PerturbedFlag, of model: AttackModel) throws {
    let behind = model.defence.map { "-" + $0.name.replacing(":", with: "") } ?? ""
    let path = "\(grid.options.output)/\(model.loaded.detector.name)\(behind).perturbed.json"
    try writeOutput(try readableJSON(flag), to: path)
  }
}
