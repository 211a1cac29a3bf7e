package import Attacks
import Compute
package import Datasets
import Foundation
import Imaging
import Models
import Runs
package import Scoring
import Training

/// The attacks, budgets and crops of a run.
package struct AttackPlan {
  /// One attack under one budget, or one distortion at one severity.
  package struct Trial: Sendable, Hashable {
    package var attack: String
    /// Nil for a distortion.
    package var norm: Norm?
    /// Severity of a distortion; nil if the attack searches for the smallest perturbation without a limit.
    package var epsilon: Float?
    /// Iterations; nil for the run's setting.
    package var steps: Int?

    var distortion: Distortion? { norm == nil ? Distortion(rawValue: attack) : nil }
  }

  /// All attacks and distortions of `assay attack`.
  package static let names = AttackCatalog.names + ["universal"] + Distortion.allCases.map(\.rawValue)

  static let defaultAttacks = ["fgsm", "pgd", "apgd", "pgd-l2", "pgd-l0"]
  static let defaultBudgets: [Norm: [Float]] = [
    .linf: [1 / 255, 2 / 255, 4 / 255, 8 / 255], .l2: [0.5, 1, 2], .l0: [50, 200],
  ]

  package let trials: [Trial]
  /// Additional trials for the gradient masking checks.
  package let checks: MaskingTrials?
  /// Origin of the crops.
  package let part: PartSelection
  /// Indices in the set, ascending.
  package let crops: [Int]
  /// Training crops for attacks that learn from other crops, from another part if there is one; empty if no attack
  /// learns.
  let trainingCrops: [Int]

  /// - Parameter models: models under attack; without a named split, that of the first model is used. Without models, a
  ///   face detector is attacked; it was trained on other data, so all crops are used unless a split is named.
  /// - Throws: `WorkflowError.settings` for an unknown attack, for a budget out of range, and for a model trained on
  ///   the part; `.input` when the part lacks a class.
  package init(_ options: AttackOptions, set: CropSet, models: [LoadedModel]) throws {
    let side = models.map(\.detector.cropSettings.size).min() ?? set.header.size
    for (norm, budgets) in options.budgets {
      for epsilon in budgets {
        try BudgetRange.check(epsilon, in: norm, side: side, name: "--\(norm.rawValue)")
      }
    }
    trials = try Self.trials(options)
    checks = options.checks && options.sources.isEmpty && !models.isEmpty ? MaskingTrials(beside: trials) : nil
    part = models.isEmpty && options.splitPath == nil ? .all : options.part
    let pool = try Self.part(part, options, set: set, models: models)
    crops = Self.chosen(pool, of: set, limit: options.limit, seed: options.seed)
    guard models.isEmpty ? !crops.isEmpty : Set(crops.map { set.records[$0].item.label }).count == 2 else {
      throw WorkflowError.input(
        path: options.crops,
        why: "the \(part) part lacks \(models.isEmpty ? "" : "real or fake ")crops: choose another part with --part "
          + "(all: every crop), or another split with --split")
    }
    trainingCrops =
      trials.contains { $0.attack == "universal" }
      ? try Self.trainingCrops(options, set: set, model: models[0], besides: crops) : []
  }

  /// Crops of the validation part, or else of the training part; for a set without parts, of the remaining crops.
  ///
  /// - Throws: `WorkflowError.settings` if a class has none, because the perturbation could not be learned.
  private static func trainingCrops(
    _ options: AttackOptions, set: CropSet, model: LoadedModel, besides crops: [Int]
  ) throws -> [Int] {
    let taken = Set(crops.map { set.records[$0].item.group })
    let items = set.items
    var pools = [Array(items.indices)]
    if options.part != .all {
      let split = try chosenSplit(splitOptions(options), model: model, set: set)
      pools = [Part.validation, .train].map { split.indices(of: $0, in: items) }
    }
    for pool in pools {
      let free = pool.filter { !taken.contains(items[$0].group) }
      guard Set(free.map { items[$0].label }).count == 2 else { continue }
      return chosen(free, of: set, limit: 32, seed: options.seed)
    }
    let place = options.part == .all ? "besides the attacked ones" : "in the validation or training part"
    throw WorkflowError.settings(
      "the attack 'universal' has no real and fake training crops \(place): attack fewer crops with "
        + "--limit, use a crop set with such a part, or select other attacks with --attacks")
  }

  private static func trials(_ options: AttackOptions) throws -> [Trial] {
    var trials: [Trial] = []
    for name in options.attacks.isEmpty ? defaultAttacks : options.attacks {
      if Distortion(rawValue: name) != nil {
        trials += Distortion.severities.map { Trial(attack: name, norm: nil, epsilon: Float($0)) }
        continue
      }
      let norm: Norm
      if name == "universal" {
        norm = .linf
      } else if let attack = AttackCatalog.attack(name) {
        norm = attack.norm
      } else {
        let known = names.joined(separator: ", ")
        throw WorkflowError.usage("unknown attack '\(name)'; expected \(known)")
      }
      let budgets = options.budgets[norm] ?? (options.budgets.isEmpty ? defaultBudgets[norm] : nil) ?? []
      for epsilon in budgets { trials.append(Trial(attack: name, norm: norm, epsilon: epsilon)) }
      if budgets.isEmpty, let attack = AttackCatalog.attack(name), attack.isMinimal {
        trials.append(Trial(attack: name, norm: norm, epsilon: nil))
      }
    }
    guard !trials.isEmpty else {
      throw WorkflowError.usage("no selected attack has a budget in its norm: set --linf, --l2 or --l0")
    }
    return trials
  }

  /// Indices of the crops of a part; no model may have been fitted to or selected on them.
  package static func part(
    _ selection: PartSelection, _ options: AttackOptions, set: CropSet, models: [LoadedModel]
  ) throws -> [Int] {
    guard let first = models.first else {
      guard let path = options.splitPath, let part = selection.part else { return Array(set.records.indices) }
      return try SourceExposure.split(named: path).indices(of: part, in: set.items)
    }
    return try chosenCrops(selection, splitOptions(options), model: first, others: Array(models.dropFirst()), set: set)
  }

  private static func splitOptions(_ options: AttackOptions) -> EvaluateOptions {
    var evaluate = EvaluateOptions(data: options.crops)
    evaluate.splitPath = options.splitPath
    return evaluate
  }

  /// Up to `limit` crops of each class, as whole videos and pictures, in seeded random order.
  package static func chosen(_ pool: [Int], of set: CropSet, limit: Int, seed: UInt64) -> [Int] {
    var result: [Int] = []
    for label in [Label.real, .fake] {
      let own = pool.filter { set.records[$0].item.label == label }
      let byPath = Dictionary(grouping: own) { set.records[$0].item.path }
      var paths = byPath.keys.sorted()
      var generator = SeededGenerator(seed: seed, path: [label == .fake ? 1 : 0])
      paths.shuffle(using: &generator)
      var count = 0
      for path in paths where count < limit {
        result += byPath[path] ?? []
        count += byPath[path]?.count ?? 0
      }
    }
    return result.sorted()
  }
}
