import Attacks
import Datasets
import Foundation
import Metrics
import Models
import RedTeam
import Runs
import Scoring

/// Which norm is most effective at equal visibility: the first open question of the seed paper.
struct NormStudy: Study {
  static let about = StudyAbout(
    name: "norms", title: "Norms at equal visibility",
    question:
      "Under which norm do perturbations of equal visibility (SSIM, PSNR) flip the most decisions, with gradients and "
      + "without them?",
    inputs: "CROPS",
    settings: [
      .init("limit", "crops of each class"),
      .init("white", "attacks with gradients"),
      .init("black", "black-box attacks"),
      .init("linf", "budgets in ℓ∞ on the [0, 1] scale"),
      .init("l2", "budgets in ℓ2"),
      .init("l0", "budgets in pixels"),
      .init("steps", "iterations of iterative attacks"),
      .init("queries", "hundreds of queries of black-box attacks"),
      .init("ssim", "SSIM limits at which norms are compared; the first one decides"),
      .init("psnr", "PSNR limits in dB at which norms are compared"),
    ])

  /// Name of one attack in tables, and its threat model.
  struct Arm: Hashable {
    var attack: String
    var norm: Norm
    var isWhiteBox: Bool
  }

  let request: StudyRequest
  let models: [LoadedModel]
  let limit: Int
  let levels: (similarity: [Double], psnr: [Double])
  private(set) var isSplitKnown = false
  private(set) var chosen: [Int] = []
  private(set) var set: CropSet?
  private let crops: StudyCrops
  private let steps: Int
  private let queries: Int
  private let arms: [Arm]

  init(_ request: StudyRequest) throws {
    self.request = request
    let settings = request.settings
    limit = try settings.integer("limit", in: 1...100_000)
    steps = try settings.integer("steps", in: 1...10_000)
    queries = try settings.integer("queries", in: 1...10_000)
    levels = (try settings.numbers("ssim", in: 0...1), try settings.numbers("psnr", in: 0...100))
    var arms: [Arm] = []
    for (name, isWhiteBox) in [("white", true), ("black", false)] {
      for attack in try settings.texts(name) {
        let known = try StudyAttack.named(attack, steps: 1)
        guard known.isWhiteBox == isWhiteBox else {
          throw WorkflowError.usage(
            "the setting '\(name)' takes attacks \(isWhiteBox ? "with" : "without") gradients, not '\(attack)'")
        }
        arms.append(Arm(attack: attack, norm: known.norm, isWhiteBox: isWhiteBox))
      }
    }
    self.arms = arms
    for norm in Norm.allCases {
      for epsilon in try settings.numbers(norm.rawValue, in: 0...1e6) {
        try BudgetRange.check(Float(epsilon), in: norm, name: "the setting '\(norm.rawValue)'")
      }
    }
    crops = try StudyCrops(request.inputs)
    guard crops.isCropSet else {
      throw WorkflowError.usage("the study 'norms' takes a crop set made by assay crops")
    }
    let models = try request.loadedModels(otherwise: ["standard", "hardened"])
    // Cells and figures identify models by name.
    for (index, model) in models.enumerated() {
      guard let other = models[..<index].first(where: { $0.detector.name == model.detector.name }) else { continue }
      throw WorkflowError.settings(
        "two models are called '\(model.detector.name)', \(other.path) and \(model.path), and results identify models by name: "
          + "run a separate study for each")
    }
    self.models = models
  }

  var sources: [StudySource] { [crops.source] + models.map { StudySource($0) } }

  mutating func prepare(_ bench: StudyBench) throws {
    let set = try crops.prepared(size: 0, bench)
    let (split, isKnown) = try request.split(of: set.items, models: models)
    chosen = AttackPlan.chosen(split.indices(of: .test, in: set.items), of: set, limit: limit, seed: request.seed)
    guard Set(chosen.map { set.records[$0].item.label }).count == 2 else {
      throw WorkflowError.input(
        path: crops.source.path, why: "the test part lacks real or fake crops: name another split with --split")
    }
    self.set = set
    isSplitKnown = isKnown
  }

  func cells() -> [StudyCell] {
    models.flatMap { model in
      arms.flatMap { arm in
        (request.settings.values[arm.norm.rawValue] ?? []).map { epsilon in
          StudyCell([
            .model: model.detector.name, .attack: arm.attack, .norm: arm.norm.rawValue,
            .gradients: arm.isWhiteBox ? "white box" : "black box", .epsilon: epsilon,
          ])
        }
      }
    }
  }

  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    guard let set, let model = models.first(where: { $0.detector.name == cell[.model] }) else {
      preconditionFailure("the study is not prepared for \(cell.text)")
    }
    let iterations = cell[.gradients] == "white box" ? steps : queries
    let attack = StudyAttack(
      set: set, model: AttackModel(model), attack: try StudyAttack.named(cell[.attack], steps: iterations),
      epsilon: fraction(cell[.epsilon]) ?? 0, seed: request.seed)
    guard let outcomes = try attack.run(on: chosen, bench) else { return nil }
    var record = StudyRecord(cell)
    record.set([
      .crop: chosen.map(Double.init), .correct: outcomes.map { $0.attack.isInitiallyCorrect ? 1 : 0 },
      .flipped: outcomes.map { $0.attack.isSuccess ? 1 : 0 }, .ssim: outcomes.map(\.similarity),
      .psnr: outcomes.map { $0.psnr ?? Visibility.unchangedPSNR },
      .queries: outcomes.map { Double($0.attack.queries + $0.attack.gradients) },
    ])
    return record
  }

  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings {
    guard let set else { preconditionFailure("the study is not prepared") }
    return try NormFindings(study: self, sources: chosen.map { set.records[$0].item.group }, records: records).make()
  }
}

/// Visibility limit: a minimum similarity or signal-to-noise ratio.
struct Visibility: Hashable {
  /// PSNR in dB assigned to unchanged crops, whose PSNR is infinite.
  static let unchangedPSNR = 100.0

  /// `ssim` or `psnr`.
  var measure: StudyColumn
  var least: Double

  var text: String { measure == .ssim ? "SSIM ≥ \(least)" : String(format: "PSNR ≥ %g dB", least) }
}
