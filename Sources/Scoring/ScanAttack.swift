package import Attacks
package import Runs
package import Verdicts

/// A face's logit after the attack, and how far its crop was moved.
package struct PerturbedLogit: Sendable {
  /// As the network gives it.
  package var logit: Float
  /// Whether it went over to the other class.
  package var isTurned: Bool
  package var size: PerturbationSize
  /// Whether the face detector finds the face in its crop, as it is and perturbed; nil where it was not asked.
  package var isFound: (clean: Bool, perturbed: Bool)?
}

/// A face after the attack.
package struct PerturbedFace: Sendable {
  package var logit: PerturbedLogit
  package var crop: CropPixels
}

/// An attack inside a scan.
package struct PerturbSettings: Sendable, Codable, Equatable {
  package enum Target: String, Sendable, Codable, CaseIterable {
    /// Each face's own class.
    case crop
    /// The video's verdict, with all faces together.
    case video
  }

  /// A name of the catalogue.
  package var attack: String
  /// Nil for the attack's own.
  package var norm: Norm?
  /// On the [0, 1] pixel scale; pixels for ℓ0.
  package var epsilon: Float
  /// Iterations, or queries in hundreds; nil for the attack's own.
  package var steps: Int?
  package var target = Target.crop
  package var seed: UInt64 = 1

  package init(attack: String, epsilon: Float) {
    self.attack = attack
    self.epsilon = epsilon
  }
}

/// What a scan's attack does: fixed before the first video.
package struct ScanAttack: Sendable {
  package let settings: PerturbSettings
  package let judge: Judge
  package let attack: any Attack

  /// - Parameter side: of the crops, in pixels.
  /// - Throws: `WorkflowError.settings` when there is no such attack in that norm, or the budget means nothing in it.
  package init(_ settings: PerturbSettings, judge: Judge, side: Int) throws(WorkflowError) {
    self.settings = settings
    self.judge = judge
    guard let attack = AttackCatalog.attack(settings.attack, norm: settings.norm, steps: settings.steps) else {
      let what = settings.norm.map { " in \($0.rawValue)" } ?? ""
      throw .settings(
        "unknown attack '\(settings.attack)'\(what); expected \(AttackCatalog.names.joined(separator: ", "))")
    }
    try BudgetRange.check(settings.epsilon, in: attack.norm, side: side, name: "--epsilon of \(settings.attack)")
    self.attack = attack
  }

  /// What a row says of the attack.
  package func record(_ effect: PerturbationEffect?) -> PerturbationRecord {
    PerturbationRecord(
      attack: attack.id, norm: attack.norm.rawValue, epsilon: Double(settings.epsilon), seed: settings.seed,
      settings: ["steps": settings.steps.map(String.init) ?? "own", "adaptive": settings.target.rawValue],
      effect: effect)
  }
}
