package import Attacks
package import Runs
package import Verdicts

/// A face's logit after the attack, and the size of the perturbation.
package struct PerturbedLogit: Sendable {
  /// The network's raw logit.
  package var logit: Float
  /// Whether the face was misclassified as the other class.
  package var isTurned: Bool
  package var size: PerturbationSize
  /// Whether the face detector finds the face in its clean and perturbed crop; nil if it was not run.
  package var isFound: (clean: Bool, perturbed: Bool)?
}

/// A face after the attack.
package struct PerturbedFace: Sendable {
  package var logit: PerturbedLogit
  package var crop: CropPixels
}

/// Settings of an attack during a scan.
package struct PerturbSettings: Sendable, Codable, Equatable {
  package enum Target: String, Sendable, Codable, CaseIterable {
    /// Each face's own class.
    case crop
    /// The video's verdict, with all faces together.
    case video
  }

  /// A name in the catalogue.
  package var attack: String
  /// Nil for the attack's own.
  package var norm: Norm?
  /// On the [0, 1] pixel scale; pixels for ℓ0.
  package var epsilon: Float
  /// Iterations, or hundreds of queries; nil for the attack's default.
  package var steps: Int?
  package var target = Target.crop
  package var seed: UInt64 = 1

  package init(attack: String, epsilon: Float) {
    self.attack = attack
    self.epsilon = epsilon
  }
}

/// The attack of a scan, fixed before the first video.
package struct ScanAttack: Sendable {
  package let settings: PerturbSettings
  package let judge: Judge
  package let attack: any Attack

  /// - Parameter side: side of the crops, in pixels.
  /// - Throws: `WorkflowError.settings` when there is no such attack in that norm, or the budget is out of range.
  package init(_ settings: PerturbSettings, judge: Judge, side: Int) throws(WorkflowError) {
    self.settings = settings
    self.judge = judge
    guard let attack = AttackCatalog.attack(settings.attack, norm: settings.norm, steps: settings.steps) else {
      let what = settings.norm.map { " in \($0.rawValue)" } ?? ""
      throw .usage(
        "unknown attack '\(settings.attack)'\(what); expected \(AttackCatalog.names.joined(separator: ", "))")
    }
    try BudgetRange.check(settings.epsilon, in: attack.norm, side: side, name: "--epsilon of \(settings.attack)")
    self.attack = attack
  }

  /// The attack's entry in a row.
  package func record(_ effect: PerturbationEffect?) -> PerturbationRecord {
    PerturbationRecord(
      attack: attack.id, norm: attack.norm.rawValue, epsilon: Double(settings.epsilon), seed: settings.seed,
      settings: ["steps": settings.steps.map(String.init) ?? "own", "adaptive": settings.target.rawValue],
      effect: effect)
  }
}
