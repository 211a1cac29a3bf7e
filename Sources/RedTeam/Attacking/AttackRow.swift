import Attacks
import Datasets
package import Files
import Foundation
package import Metrics
import Models
import Scoring
package import Verdicts

/// Effect of one attack at one budget on a model or a face detector, over all crops.
package struct AttackRow: Sendable, Codable {
  package var model: String
  /// Input-transformation defence applied before the model, if any, and whether the attack knew it.
  package var defence: String?
  package var isDefenceKnown: Bool?
  package var attack: String
  package var norm: String
  package var epsilon: Float?
  package var budget: String
  /// Iterations and random starts; nil if the attack has none or uses its default.
  package var steps: Int?
  package var restarts: Int?
  package var crops: Int
  /// Initially correct crops; only these can be attacked successfully.
  package var initiallyCorrect: Int
  package var successes: Int
  package var cleanAccuracy: Double
  package var robustAccuracy: Double
  /// 95 % Wilson interval of the robust accuracy; too narrow, because crops of one source are not independent.
  package var robustInterval: Interval?
  /// Fraction of the initially correct crops that were misclassified.
  package var successRate: Double?
  package var cleanPrecision: Double?
  package var robustPrecision: Double?
  package var cleanAUC: Double?
  package var robustAUC: Double?
  /// Sizes of the successful 8-bit perturbations in the attack's norm.
  package var meanSize: Double?
  package var medianSize: Double?
  package var meanQueries: Double
  package var meanGradients: Double
  /// Per video, by the verdict on the mean logit of its crops. A verdict "real" counts as wrong if the face detector
  /// has lost most of the video's faces. Nil without videos of both classes.
  package var cleanVideoAccuracy: Double?
  package var robustVideoAccuracy: Double?
  /// Number of frames in which the face detector finds the face in the crop before and after the attack, and gaps in
  /// tracks; nil without a face detector.
  package var detection: DetectionChange?

  private enum CodingKeys: String, CodingKey {
    case model, defence, isDefenceKnown, attack, norm, epsilon, budget, steps, restarts, crops, successes,
      cleanAccuracy, robustAccuracy, robustInterval, successRate, cleanPrecision, robustPrecision, cleanAUC, robustAUC,
      meanSize, medianSize, meanQueries, meanGradients, cleanVideoAccuracy, robustVideoAccuracy, detection
    case initiallyCorrect = "rightBefore"
  }

  init(_ grid: AttackGrid, _ target: any AttackTarget, _ trial: AttackPlan.Trial) {
    let outcomes = grid.outcomes(target, trial)
    let crops = Array(grid.plan.crops.prefix(outcomes.count))
    let labels = crops.map { grid.truth(of: $0, for: target) == .fake }
    let measured = CropAccuracy(grid, labels: labels)
    let clean = outcomes.map { Double($0.cleanLogit) }
    // Initially misclassified crops are not attacked and stay misclassified.
    let perturbed = outcomes.map { Double($0.perturbedLogit) }
    let known = grid.options.attack(trial)
    steps = known?.iterations
    restarts = known?.starts
    model = target.name
    defence = target.defence?.name
    isDefenceKnown = target.defence.map { _ in target.isDefenceKnown }
    attack = trial.attack
    norm = trial.norm?.rawValue ?? "severity"
    epsilon = trial.epsilon
    budget = trial.budget
    self.crops = outcomes.count
    initiallyCorrect = outcomes.count(where: \.isInitiallyCorrect)
    successes = outcomes.count(where: \.isSuccess)
    let count = Double(max(outcomes.count, 1))
    cleanAccuracy = Double(initiallyCorrect) / count
    // A distortion may also correct a misclassified crop; an attack skips such crops.
    let rightAfter = zip(outcomes, labels).count { ($0.perturbedLogit >= 0) == $1 }
    robustAccuracy = Double(rightAfter) / count
    robustInterval = Interval.wilson(successes: rightAfter, trials: outcomes.count, sources: measured.sources)
    successRate = initiallyCorrect > 0 ? Double(successes) / Double(initiallyCorrect) : nil
    let before = ScoredLabels(scores: clean, labels: labels)
    let after = ScoredLabels(scores: perturbed, labels: labels)
    cleanPrecision = ConfusionMatrix(before, threshold: 0).precision
    robustPrecision = ConfusionMatrix(after, threshold: 0).precision
    cleanAUC = ThresholdCurve(before).auc
    robustAUC = ThresholdCurve(after).auc
    let sizes = trial.norm.map { norm in outcomes.filter(\.isSuccess).map { Double($0.size[norm]) }.sorted() } ?? []
    meanSize = sizes.isEmpty ? nil : sizes.reduce(0, +) / Double(sizes.count)
    medianSize = sizes.isEmpty ? nil : (sizes[(sizes.count - 1) / 2] + sizes[sizes.count / 2]) / 2
    meanQueries = outcomes.reduce(0) { $0 + Double($1.queries) } / count
    meanGradients = outcomes.reduce(0) { $0 + Double($1.gradients) } / count
    cleanVideoAccuracy = measured.videoAccuracy(clean)
    let sightings = outcomes.map(\.sighting)
    robustVideoAccuracy = measured.videoAccuracy(perturbed, sightings)
    detection = DetectionChange(crops.map { grid.set.records[$0] }, sightings)
  }

  /// The table of results, and `attack.csv`.
  package static let table = Table<AttackRow>([
    .untrusted("model") { $0.model }.shown(as: "MODEL"),
    .text("defence") { $0.defence ?? "" }.fileOnly,
    .text("defence_known") { $0.isDefenceKnown.map { "\($0)" } ?? "" }.fileOnly,
    .text("attack") { $0.attack }.shown(as: "ATTACK"),
    .text("norm") { $0.norm }.fileOnly,
    .number("epsilon") { $0.epsilon.map(Double.init) }.shown(as: "BUDGET") { $0.budget },
    .count("steps") { $0.steps }.shown(as: "STEPS") { $0.steps.map(String.init) ?? "-" },
    .count("restarts") { $0.restarts }.fileOnly,
    .count("crops") { $0.crops }.shown(as: "CROPS"),
    .count("right_before") { $0.initiallyCorrect }.fileOnly,
    .count("successes") { $0.successes }.fileOnly,
    .number("clean_accuracy") { $0.cleanAccuracy }.shown(as: "CLEAN ACC") { fractionText($0.cleanAccuracy) },
    .number("robust_accuracy") { $0.robustAccuracy }.shown(as: "ROBUST ACC") { fractionText($0.robustAccuracy) },
    .display("95 %") { intervalText($0.robustInterval) },
    .number("robust_lower") { $0.robustInterval?.lower }.fileOnly,
    .number("robust_upper") { $0.robustInterval?.upper }.fileOnly,
    .number("success_rate") { $0.successRate }.shown(as: "SUCCESS") { fractionText($0.successRate) },
    .display("PRECISION") { change($0.cleanPrecision, $0.robustPrecision) },
    .number("clean_precision") { $0.cleanPrecision }.fileOnly,
    .number("robust_precision") { $0.robustPrecision }.fileOnly,
    .display("AUC") { change($0.cleanAUC, $0.robustAUC) },
    .number("clean_auc") { $0.cleanAUC }.fileOnly,
    .number("robust_auc") { $0.robustAUC }.fileOnly,
    .number("mean_size") { $0.meanSize }.shown(as: "MEAN SIZE") { $0.sizeText($0.meanSize) },
    .number("median_size") { $0.medianSize }.shown(as: "MEDIAN SIZE") { $0.sizeText($0.medianSize) },
    .number("mean_queries") { $0.meanQueries }.shown(as: "QUERIES") { String(format: "%.0f", $0.meanQueries) },
    .number("mean_gradients") { $0.meanGradients }.shown(as: "GRADIENTS") { String(format: "%.0f", $0.meanGradients) },
    .display("BY VIDEO") {
      $0.cleanVideoAccuracy == nil ? "-" : change($0.cleanVideoAccuracy, $0.robustVideoAccuracy)
    },
    .number("clean_video_accuracy") { $0.cleanVideoAccuracy }.fileOnly,
    .number("robust_video_accuracy") { $0.robustVideoAccuracy }.fileOnly,
    .display("FACES") { row in
      row.detection.map { "\($0.clean.withFaces) → \($0.perturbed.withFaces) of \($0.clean.frames)" } ?? "-"
    },
    .display("GAPS") { row in row.detection.map { "\($0.clean.gaps) → \($0.perturbed.gaps)" } ?? "-" },
    .count("frames") { $0.detection?.clean.frames }.fileOnly,
    .count("clean_frames_with_faces") { $0.detection?.clean.withFaces }.fileOnly,
    .count("perturbed_frames_with_faces") { $0.detection?.perturbed.withFaces }.fileOnly,
    .count("clean_gaps") { $0.detection?.clean.gaps }.fileOnly,
    .count("perturbed_gaps") { $0.detection?.perturbed.gaps }.fileOnly,
  ])

  private static func change(_ clean: Double?, _ robust: Double?) -> String {
    "\(fractionText(clean)) → \(fractionText(robust))"
  }

  private func sizeText(_ size: Double?) -> String {
    size.map { norm == "linf" ? String(format: "%.2f/255", $0 * 255) : String(format: "%.2f", $0) } ?? "-"
  }
}

/// A fraction in the tables of attacks.
func fractionText(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }

/// A 95 % interval in the tables of attacks.
func intervalText(_ interval: Interval?) -> String {
  interval.map { String(format: "%.3f–%.3f", $0.lower, $0.upper) } ?? Interval.tooFew
}
