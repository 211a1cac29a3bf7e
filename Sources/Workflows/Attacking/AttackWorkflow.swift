import Attacks
import Datasets
import Foundation
import Models

/// What an attack run found.
public struct AttackSummary: Sendable {
  public let findings: AttackFindings
  /// Folder of the report.
  public let folder: String
  public let interruptedBy: Int32?

  /// One for each model, attack and budget.
  public var rows: [AttackRow] { findings.rows }
  /// For people.
  public var table: String { findings.table }
  /// For programs.
  public func json() throws -> String { try readableJSON(findings) }
}

/// What is left of models under attack, by attack and of all attacks together.
public struct AttackFindings: Sendable, Codable {
  /// One for each model, attack and budget.
  public var rows: [AttackRow] = []
  /// One for each model, where an attack ran under a budget.
  public var robustness: [RobustnessRow] = []

  init() {}

  init(_ grid: AttackGrid) {
    rows = grid.models.flatMap { model in grid.plan.trials.map { AttackRow(grid, model, $0) } }
    robustness = grid.models.compactMap { RobustnessRow(grid, $0) }
  }

  var table: String {
    let attacks = alignedTable(heading: AttackRow.heading, rows: rows.map(\.cells))
    guard !robustness.isEmpty else { return attacks }
    return attacks + "\n" + alignedTable(heading: RobustnessRow.heading, rows: robustness.flatMap(\.cells))
  }
}

/// Attacks models on the crops of a set under a grid of attacks and budgets.
///
/// Every crop's outcome is written down as it is found; a run with the same settings and folder goes on where an earlier
/// one stopped. Results depend on the seed and the crop alone, not on workers or order.
///
/// - Throws: `WorkflowError` that says what to do.
public func attackModels(_ options: AttackOptions) throws -> AttackSummary {
  let lock = try OutputLock(folder: options.output)
  defer { withExtendedLifetime(lock) {} }
  let set = try CropSet(folder: options.crops)
  let models = try options.models.map { AttackModel(try loadModel(at: $0)) }
  let sources = try options.sources.map { AttackModel(try loadModel(at: $0)) }
  for model in models + sources where model.loaded.detector.cropContract.size != set.header.size {
    throw WorkflowError.input(
      path: options.crops,
      why: "its crops have \(set.header.size) pixels, \(model.loaded.detector.name) takes "
        + "\(model.loaded.detector.cropContract.size)")
  }
  let plan = try AttackPlan(options, set: set, model: models[0].loaded)
  let settings = [
    "crops": options.crops, "seed": "\(options.seed)", "steps": options.steps.map(String.init) ?? "own",
    "values": options.eightBit ? "8-bit" : "float",
    "sources": sources.map(\.loaded.sha256).joined(separator: ","),
    "lessons": plan.lessons.map(String.init).joined(separator: ","),
  ]
  let grid = AttackGrid(
    options: options, set: set, plan: plan, models: models, sources: sources,
    log: try AttackLog(folder: options.output, settings: settings))
  let interruption = Interruption.shared
  interruption.install()
  let progress = ProgressLine(unit: "attacks", quiet: options.quiet)
  let isWhole = try grid.run(interruption, progress: progress)
  progress.finish()
  guard isWhole else {
    return AttackSummary(findings: AttackFindings(), folder: options.output, interruptedBy: interruption.signal)
  }
  let findings = AttackFindings(grid)
  try AttackReport(grid: grid, findings: findings).write(to: options.output)
  return AttackSummary(findings: findings, folder: options.output, interruptedBy: nil)
}
