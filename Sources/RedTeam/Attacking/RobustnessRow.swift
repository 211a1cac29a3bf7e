import Attacks
import Datasets
package import Files
import Foundation
package import Metrics
import Models
import Scoring
import Verdicts

/// Performance of a model when the worst attack within a budget counts for each crop.
package struct RobustnessRow: Sendable, Codable {
  package struct Budget: Sendable, Codable {
    package var norm: String
    package var epsilon: Float
    /// The budget as text.
    package var budget: String
    package var attacks: [String]
    package var robustAccuracy: Double
    /// 95 % Wilson interval; too narrow, because crops of one source are not independent.
    package var interval: Interval?
    package var robustAUC: Double?
    /// Per video, as in `AttackRow`.
    package var videoAccuracy: Double?
  }

  package var model: String
  package var crops: Int
  package var cleanAccuracy: Double
  package var cleanAUC: Double?
  package var cleanVideoAccuracy: Double?
  package var budgets: [Budget]

  /// - Returns: nil if no attack ran within a budget.
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
        for (index, outcome) in grid.outcomes(target, other).enumerated() {
          let logit = Double(outcome.perturbedLogit)
          let isWorse = labels[index] ? logit < worst[index] : logit > worst[index]
          if isWorse || sightings[index] == nil { sightings[index] = outcome.sighting }
          if isWorse { worst[index] = logit }
        }
      }
      let right = measured.right(worst)
      budgets.append(
        Budget(
          norm: norm.rawValue, epsilon: epsilon, budget: trial.budget, attacks: same.map(\.attack),
          robustAccuracy: measured.accuracy(worst),
          interval: Interval.wilson(successes: right, trials: worst.count, sources: measured.sources),
          robustAUC: measured.auc(worst),
          videoAccuracy: measured.videoAccuracy(worst, sightings)))
    }
  }

  /// Rows of the model and one of its budgets each.
  package static let table = Table<(model: RobustnessRow, budget: Budget)>([
    .text("MODEL") { $0.model.model },
    .text("WORST OF") {
      $0.budget.attacks.count > 3
        ? "\($0.budget.attacks.count) attacks" : $0.budget.attacks.joined(separator: ", ")
    },
    .text("BUDGET") { "\(normSymbols[$0.budget.norm] ?? $0.budget.norm) \($0.budget.budget)" },
    .text("CLEAN AUC") { fractionText($0.model.cleanAUC) },
    .text("CLEAN ACC") { fractionText($0.model.cleanAccuracy) },
    .text("ROBUST ACC") { fractionText($0.budget.robustAccuracy) },
    .text("95 %") { intervalText($0.budget.interval) },
    .text("ROBUST AUC") { fractionText($0.budget.robustAUC) },
    .text("BY VIDEO") {
      $0.model.cleanVideoAccuracy == nil
        ? "-" : "\(fractionText($0.model.cleanVideoAccuracy)) → \(fractionText($0.budget.videoAccuracy))"
    },
  ])

  private static let normSymbols = ["linf": "ℓ∞", "l2": "ℓ2", "l0": "ℓ0"]

  /// What the table shows of the row: a line for each budget.
  package var lines: [(model: RobustnessRow, budget: Budget)] { budgets.map { (self, $0) } }
}

/// Accuracy and AUC of logits on the crops of a plan; logits from 0 up count as fake.
struct CropAccuracy {
  private let labels: [Bool]
  private let records: [CropRecord]
  /// Sources of the crops.
  let sources: Int
  /// Indices of each video's crops.
  private let videos: [[Int]]

  /// - Parameter labels: labels of the plan's crops, starting with the first.
  init(_ grid: AttackGrid, labels: [Bool]) {
    self.labels = labels
    records = grid.plan.crops.prefix(labels.count).map { grid.set.records[$0] }
    let items = records.map(\.item)
    sources = Set(items.map(\.group)).count
    let indices = items.indices.filter { items[$0].kind == .video }
    videos = Dictionary(grouping: indices) { items[$0].path }.sorted { $0.key < $1.key }.map(\.value)
  }

  func right(_ logits: [Double]) -> Int { zip(logits, labels).count { ($0 >= 0) == $1 } }

  func accuracy(_ logits: [Double]) -> Double { Double(right(logits)) / Double(max(logits.count, 1)) }

  func auc(_ logits: [Double]) -> Double? { ThresholdCurve(ScoredLabels(scores: logits, labels: labels)).auc }

  /// Accuracy per video, by the mean logit of its crops; nil without videos of both classes.
  ///
  /// Lost faces must not pass for a real video: a video judged real counts as wrong, whatever its label, if the face
  /// detector has lost most of its faces.
  ///
  /// - Parameter sightings: one per crop; empty or nil without a face detector.
  func videoAccuracy(_ logits: [Double], _ sightings: [FaceSighting?] = []) -> Double? {
    guard Set(videos.map { labels[$0[0]] }).count == 2 else { return nil }
    let right = videos.count { indices in
      let mean = indices.reduce(0) { $0 + logits[$1] } / Double(indices.count)
      if mean < 0, !sightings.isEmpty, isBlinded(indices, sightings) { return false }
      return (mean >= 0) == labels[indices[0]]
    }
    return Double(right) / Double(videos.count)
  }

  private func isBlinded(_ indices: [Int], _ sightings: [FaceSighting?]) -> Bool {
    guard let change = DetectionChange(indices.map { records[$0] }, indices.map { sightings[$0] }) else { return false }
    return change.perturbed.isBlinded(since: change.clean)
  }
}
