import Attacks
import Verdicts

/// A face's logit after the attack, and how far its crop was moved.
struct PerturbedLogit: Sendable {
  /// As the network gives it.
  var logit: Float
  /// Whether it went over to the other class.
  var isTurned: Bool
  var size: PerturbationSize
  /// Whether the face detector finds the face in its crop, as it is and perturbed; nil where it was not asked.
  var isFound: (clean: Bool, perturbed: Bool)?
}

/// A face after the attack.
struct PerturbedFace: Sendable {
  var logit: PerturbedLogit
  var crop: CropPixels
}

/// What a scan's attack does: fixed before the first video.
struct ScanAttack: Sendable {
  let settings: PerturbSettings
  let judge: Judge
  let attack: any Attack

  /// - Parameter side: of the crops, in pixels.
  /// - Throws: `WorkflowError.settings` when there is no such attack in that norm, or the budget means nothing in it.
  init(_ settings: PerturbSettings, judge: Judge, side: Int) throws(WorkflowError) {
    self.settings = settings
    self.judge = judge
    let norm = try settings.norm.map { name throws(WorkflowError) in
      guard let norm = Norm(rawValue: name) else { throw .settings("there is no norm '\(name)'; say linf, l2 or l0") }
      return norm
    }
    guard let attack = AttackCatalog.attack(settings.attack, norm: norm, steps: settings.steps) else {
      let what = settings.norm.map { " in \($0)" } ?? ""
      throw .settings(
        "there is no attack '\(settings.attack)'\(what); there are \(AttackCatalog.names.joined(separator: ", "))")
    }
    try BudgetRange.check(settings.epsilon, in: attack.norm, side: side, name: "--epsilon of \(settings.attack)")
    self.attack = attack
  }

  /// What a row says of the attack.
  func record(_ effect: PerturbationEffect?) -> PerturbationRecord {
    PerturbationRecord(
      attack: attack.id, norm: attack.norm.rawValue, epsilon: Double(settings.epsilon), seed: settings.seed,
      settings: ["steps": settings.steps.map(String.init) ?? "own", "adaptive": settings.adaptive ? "video" : "crop"],
      effect: effect)
  }
}
