import Attacks
import Datasets
import Foundation
package import Metrics
import Models
import Scoring
import Verdicts

/// What is left of a model when for each crop the worst of all attacks that ran under a budget counts.
package struct RobustnessRow: Sendable, Codable {
  package struct Budget: Sendable, Codable {
    package var norm: String
    package var epsilon: Float
    /// As a person writes it.
    package var budget: String
    package var attacks: [String]
    package var robustAccuracy: Double
    /// 95 % interval (Wilson); crops of one source are not independent, so it is rather too narrow.
    package var interval: Interval?
    package var robustAUC: Double?
    /// By video, as `AttackRow` has it.
    package var videoAccuracy: Double?
  }

  package var model: String
  package var crops: Int
  package var cleanAccuracy: Double
  package var cleanAUC: Double?
  package var cleanVideoAccuracy: Double?
  package var budgets: [Budget]

  /// - Returns: nil where no attack ran under a budget.
  init?(_ grid: AttackGrid, _ target: any AttackTarget) {
    let trials = grid.plan.trials.filter { $0.norm != nil && $0.epsilon ?? 0 > 0 }
    guard let first = trials.first else { return nil }
    let labels = grid.plan.crops.map { grid.truth(of: $0, for: target) == .fake }
    let clean = grid.outcomes(target, first).map { Double($0.cleanLogit) }
    let measured = CropAccuracy(grid, labels: labels)
    model = target.name
    crops = clean.count
    cleanAccuracy = measured.accuracy(clean)
    cleanAUC = measured.auc(clean)
    cleanVideoAccuracy = measured.videoAccuracy(clean)
    budgets = []
    var seen: Set<AttackPlan.Trial> = []
    for trial in trials {
      let same = trials.filter { $0.norm == trial.norm && $0.epsilon == trial.epsilon }
      guard let norm = trial.norm, let epsilon = trial.epsilon, seen.isDisjoint(with: same) else { continue }
      seen.formUnion(same)
      var worst = clean
      var sightings = [FaceSighting?](repeating: nil, count: clean.count)
      for other in same {
        for (place, outcome) in grid.outcomes(target, other).enumerated() {
          let logit = Double(outcome.perturbedLogit)
          let isWorse = labels[place] ? logit < worst[place] : logit > worst[place]
          if isWorse || sightings[place] == nil { sightings[place] = outcome.sighting }
          if isWorse { worst[place] = logit }
        }
      }
      let right = measured.right(worst)
      budgets.append(
        Budget(
          norm: norm.rawValue, epsilon: epsilon, budget: trial.budget, attacks: same.map(\.attack),
          robustAccuracy: measured.accuracy(worst),
          interval: Interval.wilson(successes: right, trials: worst.count), robustAUC: measured.auc(worst),
          videoAccuracy: measured.videoAccuracy(worst, sightings)))
    }
  }

  package static let heading = [
    "MODEL", "WORST OF", "BUDGET", "CLEAN AUC", "CLEAN ACC", "ROBUST ACC", "95 %", "ROBUST AUC", "BY VIDEO",
  ]

  /// A row for each budget.
  package var cells: [[String]] {
    func share(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
    let names: [String: String] = ["linf": "ℓ∞", "l2": "ℓ2", "l0": "ℓ0"]
    return budgets.map { budget in
      [
        model, budget.attacks.count > 3 ? "\(budget.attacks.count) attacks" : budget.attacks.joined(separator: ", "),
        "\(names[budget.norm] ?? budget.norm) \(budget.budget)", share(cleanAUC), share(cleanAccuracy),
        share(budget.robustAccuracy),
        budget.interval.map { String(format: "%.3f–%.3f", $0.lower, $0.upper) } ?? "-", share(budget.robustAUC),
        cleanVideoAccuracy == nil ? "-" : "\(share(cleanVideoAccuracy)) → \(share(budget.videoAccuracy))",
      ]
    }
  }
}

/// Accuracy and AUC of logits for the crops of a plan; from 0 on a crop counts as fake.
struct CropAccuracy {
  private let labels: [Bool]
  private let records: [CropRecord]
  /// Places of each video's crops.
  private let videos: [[Int]]

  /// - Parameter labels: of the plan's crops, from the first on.
  init(_ grid: AttackGrid, labels: [Bool]) {
    self.labels = labels
    records = grid.plan.crops.prefix(labels.count).map { grid.set.records[$0] }
    let items = records.map(\.item)
    let places = items.indices.filter { items[$0].kind == .video }
    videos = Dictionary(grouping: places) { items[$0].path }.sorted { $0.key < $1.key }.map(\.value)
  }

  func right(_ logits: [Double]) -> Int { zip(logits, labels).count { ($0 >= 0) == $1 } }

  func accuracy(_ logits: [Double]) -> Double { Double(right(logits)) / Double(max(logits.count, 1)) }

  func auc(_ logits: [Double]) -> Double? { ThresholdCurve(ScoredLabels(scores: logits, labels: labels)).auc }

  /// Of videos by the mean logit of their crops; nil where there are none of both classes.
  ///
  /// Lost faces never count as real: a video that is called so, but whose faces have mostly vanished for the detector, is not
  /// judged rightly, whatever it is.
  ///
  /// - Parameter sightings: of each crop; empty or nil where nobody looked.
  func videoAccuracy(_ logits: [Double], _ sightings: [FaceSighting?] = []) -> Double? {
    guard Set(videos.map { labels[$0[0]] }).count == 2 else { return nil }
    let right = videos.count { places in
      let mean = places.reduce(0) { $0 + logits[$1] } / Double(places.count)
      if mean < 0, !sightings.isEmpty, isBlinded(places, sightings) { return false }
      return (mean >= 0) == labels[places[0]]
    }
    return Double(right) / Double(videos.count)
  }

  private func isBlinded(_ places: [Int], _ sightings: [FaceSighting?]) -> Bool {
    guard let change = DetectionChange(places.map { records[$0] }, places.map { sightings[$0] }) else { return false }
    return change.perturbed.isBlinded(since: change.clean)
  }
}
