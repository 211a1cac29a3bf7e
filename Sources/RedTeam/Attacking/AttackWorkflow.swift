import Attacks
import Datasets
import Decoder
import Files
import Foundation
import Imaging
import Models
import Runs
import Scoring

/// Result of an attack run.
package struct AttackSummary: Sendable {
  package let findings: AttackFindings
  /// Folder of the report.
  package let folder: String
  package let interruptedBy: Int32?

  /// One row per model, attack and budget.
  package var rows: [AttackRow] { findings.rows }
  /// The result as text.
  package var table: String { findings.table }
  /// The result as JSON.
  package func json() throws -> String { try readableJSON(findings) }
}

/// Performance of models under attack, per attack and under the worst of all attacks.
package struct AttackFindings: Sendable, Codable {
  /// One row per model, attack and budget.
  package var rows: [AttackRow] = []
  /// One row per model, if an attack ran within a budget.
  package var robustness: [RobustnessRow] = []
  /// Results of the gradient masking checks; empty if they were skipped.
  package var checks: [MaskingCheck] = []
  /// Results of the perturbed-input flag, if requested.
  package var flags: [FlagRow] = []
  /// Results of certification by randomised smoothing, if requested.
  package var certified: [CertifiedRow] = []

  init() {}

  init(_ grid: AttackGrid) {
    rows = grid.targets.flatMap { target in grid.plan.trials.map { AttackRow(grid, target, $0) } }
    robustness = grid.targets.compactMap { RobustnessRow(grid, $0) }
    checks = grid.models.filter(\.isDefenceKnown).flatMap { MaskingCheck.all(grid, $0) }
  }

  package var table: String {
    tables.map { alignedTable(heading: $0.heading, rows: $0.rows) }.joined(separator: "\n")
  }

  /// The result as tables.
  package var tables: [(title: String, note: String, heading: [String], rows: [[String]])] {
    let all: [(title: String, note: String, heading: [String], rows: [[String]])] = [
      ("Results", "", AttackRow.table.heading, AttackRow.table.cells(of: rows)),
      (
        "Worst case over all attacks",
        "For each crop, the strongest of all attacks within the same budget counts.",
        RobustnessRow.table.heading, RobustnessRow.table.cells(of: robustness.flatMap(\.lines))
      ),
      (
        "Are gradients masked?",
        "Gradient masking makes a model appear robust. If a check fails, the results above overestimate robustness.",
        MaskingCheck.table.heading, MaskingCheck.table.cells(of: checks)
      ),
      (
        "Perturbed-input flag",
        "Videos and pictures whose scores vary too much under small random changes are flagged; the threshold was "
          + "fitted on unperturbed ones of the validation part.",
        FlagRow.table.heading, FlagRow.table.cells(of: flags)
      ),
      (
        "Certified by randomised smoothing",
        "Fraction of crops that the smoothed model classifies correctly, provably for every perturbation up to the ℓ2 radius.",
        CertifiedRow.table.heading, CertifiedRow.table.cells(of: certified.flatMap(\.lines))
      ),
    ]
    return all.filter { !$0.rows.isEmpty }
  }
}

/// Attacks models, or the face detector, on the crops of a set with a grid of attacks and budgets.
///
/// Each outcome is recorded at once; a run with the same settings and folder resumes an interrupted one. Results depend
/// only on the seed and the crop, not on workers or order.
///
/// - Throws: `WorkflowError` that states the remedy.
package func attackModels(_ options: AttackOptions) throws -> AttackSummary {
  let lock = try OutputLock(folder: options.output)
  defer { withExtendedLifetime(lock) {} }
  let set = try CropSet(folder: options.crops)
  let models = options.attacksFaceDetector ? [] : try attackedModels(options)
  let faceSearch = try FaceSearch(options.detector, crops: set.header.crops)
  let targets: [any AttackTarget] =
    options.attacksFaceDetector ? [try DetectorTarget(options, faceSearch, crops: options.crops)] : models
  let sources = try options.sources.map { AttackModel(try loadModel(at: $0)) }
  try checkTransfer(from: sources, to: models)
  for model in models.filter({ $0.defence == nil }) + sources {
    model.loaded.warnAboutCropSettings(of: try model.view(of: set))
  }
  let plan = try AttackPlan(options, set: set, models: models.filter { $0.defence == nil }.map(\.loaded))
  let settings = [
    // Outcomes are stored by crop index, so the content matters and not its path.
    "crops": try FileHash.ofCropSet(options.crops),
    "seed": "\(options.seed)", "steps": options.steps.map(String.init) ?? "own",
    "values": options.eightBit ? "8-bit" : "float",
    "sources": sources.map(\.loaded.sha256).joined(separator: ","),
    "detector": faceSearch?.detector ?? "not asked",
    "restarts": "\(options.restarts)",
    "small-changes": options.flagRate == nil ? "not looked at" : DisagreementMeter.names.joined(separator: ","),
    "lessons": plan.trainingCrops.map(String.init).joined(separator: ","),
  ]
  let grid = AttackGrid(
    options: options, set: set, plan: plan, targets: targets, sources: sources,
    log: try AttackLog(folder: options.output, settings: settings), faceSearch: faceSearch)
  let interruption = Interruption.shared
  interruption.install()
  let progress = ProgressLine(unit: "attacks", quiet: options.quiet)
  let isWhole = try grid.run(interruption, progress: progress)
  progress.finish()
  var interrupted: AttackSummary {
    AttackSummary(findings: AttackFindings(), folder: options.output, interruptedBy: interruption.signal)
  }
  guard isWhole else { return interrupted }
  var findings = AttackFindings(grid)
  if let rate = options.flagRate {
    guard let flags = try FlagStudy(grid: grid, rate: rate).run(interruption) else { return interrupted }
    findings.flags = flags
  }
  if let certify = options.certify {
    findings.certified = try models.filter { $0.defence == nil }.map { model in
      try Certification(grid: grid, model: model, options: certify).run(interruption)
    }
    guard !interruption.isRequested else { return interrupted }
  }
  guard try AttackReport(grid: grid, findings: findings).write(to: options.output, interruption) else {
    return interrupted
  }
  return AttackSummary(findings: findings, folder: options.output, interruptedBy: nil)
}

/// - Throws: `WorkflowError.settings` unless all models take the same crops: a perturbation has the pixels of one crop.
private func checkTransfer(from sources: [AttackModel], to models: [AttackModel]) throws(WorkflowError) {
  for source in sources {
    let own = source.loaded.detector.cropSettings
    guard
      let other = models.first(where: {
        let settings = $0.loaded.detector.cropSettings
        return settings.size != own.size || settings.framing != own.framing
      })
    else { continue }
    let settings = other.loaded.detector.cropSettings
    func text(_ settings: FaceCropSettings) -> String {
      "\(settings.size) pixels, margin \(settings.framing.margin), offset \(settings.framing.offset)"
    }
    throw .usage(
      "a perturbation transfers between models that take the same crops: \(source.name) takes those of \(text(own)), "
        + "\(other.name) those of \(text(settings)). Train the surrogate with --input \(settings.size) --input-margin "
        + "\(settings.framing.margin)")
  }
}

/// Each model without a defence and, if there are defences, behind each of them.
private func attackedModels(_ options: AttackOptions) throws -> [AttackModel] {
  let defences = options.defences.map(\.defence)
  return try options.models.flatMap { path in
    let loaded = try loadModel(at: path)
    return [AttackModel(loaded)]
      + defences.flatMap { defence in [false, true].map { AttackModel(loaded, defence: defence, isDefenceKnown: $0) } }
  }
}
