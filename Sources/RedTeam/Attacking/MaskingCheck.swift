import Attacks
package import Files
import Foundation
package import Scoring

/// One symptom of gradient masking (Athalye, Carlini and Wagner 2018, §3.1; Carlini et al. 2019).
package struct MaskingCheck: Sendable, Codable {
  package enum Outcome: String, Sendable, Codable {
    case passed, failed
    case notRun = "not run"
  }

  package var model: String
  /// The condition that must hold.
  package var check: String
  package var outcome: Outcome
  /// The two robust accuracies compared; nil if the check was not run.
  package var lower: Double?
  package var upper: Double?
  package var detail: String

  /// All checks of one model; checks whose trials are missing are reported as not run.
  package static func all(_ grid: AttackGrid, _ model: AttackModel) -> [MaskingCheck] {
    let names = [
      "black-box attacks are not stronger than white-box attacks", "more steps do no worse",
      "a budget of 1 always succeeds",
    ]
    func check(_ index: Int, _ outcome: Outcome, _ detail: String, _ lower: Double? = nil, _ upper: Double? = nil)
      -> MaskingCheck
    {
      MaskingCheck(
        model: model.name, check: names[index], outcome: outcome, lower: lower, upper: upper, detail: detail)
    }
    guard let trials = grid.plan.checks else {
      let why = grid.options.checks ? "no ℓ∞ attack with a budget on the model itself" : "disabled by --no-checks"
      return names.indices.map { check($0, .notRun, why) }
    }
    /// Whether each crop is still classified correctly under the worst of some trials.
    func right(_ trials: [AttackPlan.Trial]) -> [Bool] {
      let outcomes = trials.map { grid.outcomes(model, $0) }
      return grid.plan.crops.indices.map { place in
        outcomes.allSatisfy { $0[place].isInitiallyCorrect && !$0[place].isSuccess }
      }
    }
    func accuracy(_ right: [Bool]) -> Double { Double(right.count { $0 }) / Double(max(right.count, 1)) }
    func said(_ accuracy: Double) -> String { String(format: "%.3f", accuracy) }

    let same = grid.plan.trials.filter { $0.norm == .linf && $0.epsilon == trials.epsilon && $0.attack != "universal" }
    func isWhite(_ trial: AttackPlan.Trial) -> Bool { AttackCatalog.attack(trial.attack)?.isWhiteBox == true }
    let white = right([trials.many] + same.filter(isWhite))
    let black = right([trials.blackBox] + same.filter { !isWhite($0) })
    let (few, many, none) = (right([trials.few]), right([trials.many]), right([trials.unbounded]))
    let budget = trials.many.budget
    let onlyBlack = zip(white, black).count { $0 && !$1 }
    return [
      check(
        0, accuracy(black) >= accuracy(white) ? .passed : .failed,
        "robust accuracy \(said(accuracy(white))) under white boxes, \(said(accuracy(black))) under black ones at "
          + "\(budget); \(onlyBlack) of \(white.count) crops misclassified under black-box attacks only",
        accuracy(white),
        accuracy(black)),
      check(
        1, accuracy(many) <= accuracy(few) ? .passed : .failed,
        "robust accuracy \(said(accuracy(few))) after \(MaskingTrials.fewSteps) steps of PGD, \(said(accuracy(many))) "
          + "after \(MaskingTrials.manySteps) at \(budget)", accuracy(many), accuracy(few)),
      check(
        2, accuracy(none) == 0 ? .passed : .failed,
        "robust accuracy \(said(accuracy(none))) under PGD with a budget of 1 (\(none.count { $0 }) of \(none.count) "
          + "crops)", 0, accuracy(none)),
    ]
  }

  package static let table = Table<MaskingCheck>([
    .text("MODEL") { $0.model },
    .text("CHECK") { $0.check },
    .text("OUTCOME") { $0.outcome.rawValue },
    .text("NUMBERS") { $0.detail },
  ])
}
