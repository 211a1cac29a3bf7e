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
  package var rightBefore: Int
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

  init(_ grid: AttackGrid, _ target: any AttackTarget, _ trial: AttackPlan.Trial) {
    let outcomes = grid.outcomes(target, trial)
    let crops = Array(grid.plan.crops.prefix(outcomes.count))
    let labels = crops.map { grid.truth(of: $0, for: target) == .fake }
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
    rightBefore = outcomes.count(where: \.wasRight)
    successes = outcomes.count(where: \.isSuccess)
    let count = Double(max(outcomes.count, 1))
    cleanAccuracy = Double(rightBefore) / count
    // A distortion may also correct a misclassified crop; an attack skips such crops.
    let rightAfter = zip(outcomes, labels).count { ($0.perturbedLogit >= 0) == $1 }
    robustAccuracy = Double(rightAfter) / count
    robustInterval = Interval.wilson(successes: rightAfter, trials: outcomes.count)
    successRate = rightBefore > 0 ? Double(successes) / Double(rightBefore) : nil
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
    let measured = CropAccuracy(grid, labels: labels)
    cleanVideoAccuracy = measured.videoAccuracy(clean)
    let sightings = outcomes.map(\.sighting)
    robustVideoAccuracy = measured.videoAccuracy(perturbed, sightings)
    detection = DetectionChange(crops.map { grid.set.records[$0] }, sightings)
  }

  package static let heading = [
    "MODEL", "ATTACK", "BUDGET", "STEPS", "CROPS", "CLEAN ACC", "ROBUST ACC", "95 %", "BY VIDEO", "FACES", "GAPS",
    "SUCCESS", "PRECISION",
    "AUC", "MEAN SIZE", "MEDIAN SIZE", "QUERIES", "GRADIENTS",
  ]

  package var cells: [String] {
    func share(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
    let interval = robustInterval.map { String(format: "%.3f–%.3f", $0.lower, $0.upper) } ?? "-"
    func size(_ value: Double?) -> String {
      value.map { norm == "linf" ? String(format: "%.2f/255", $0 * 255) : String(format: "%.2f", $0) } ?? "-"
    }
    let videos = cleanVideoAccuracy == nil ? "-" : "\(share(cleanVideoAccuracy)) → \(share(robustVideoAccuracy))"
    return [
      model, attack, budget, steps.map(String.init) ?? "-", "\(crops)", share(cleanAccuracy), share(robustAccuracy),
      interval, videos,
      detection.map { "\($0.clean.withFaces) → \($0.perturbed.withFaces) of \($0.clean.frames)" } ?? "-",
      detection.map { "\($0.clean.gaps) → \($0.perturbed.gaps)" } ?? "-",
      share(successRate),
      "\(share(cleanPrecision)) → \(share(robustPrecision))", "\(share(cleanAUC)) → \(share(robustAUC))",
      size(meanSize),
      size(medianSize),
      String(format: "%.0f", meanQueries), String(format: "%.0f", meanGradients),
    ]
  }

  static let csvHeading = [
    "model", "defence", "defence_known", "attack", "norm", "epsilon", "steps", "restarts", "crops", "right_before",
    "successes", "clean_accuracy", "robust_accuracy",
    "robust_lower", "robust_upper", "success_rate", "clean_precision", "robust_precision", "clean_auc", "robust_auc",
    "mean_size", "median_size", "mean_queries", "mean_gradients", "clean_video_accuracy", "robust_video_accuracy",
    "frames", "clean_frames_with_faces", "perturbed_frames_with_faces", "clean_gaps", "perturbed_gaps",
  ]

  package var csv: CSVRow {
    var row = CSVRow()
    row.add(untrusted: model)
    row.add(exact: defence ?? "")
    row.add(exact: isDefenceKnown.map { "\($0)" } ?? "")
    row.add(exact: attack)
    row.add(exact: norm)
    row.add(epsilon.map(Double.init))
    row.add(steps)
    row.add(restarts)
    for count in [crops, rightBefore, successes] { row.add(count) }
    for value in [
      cleanAccuracy, robustAccuracy, robustInterval?.lower, robustInterval?.upper, successRate, cleanPrecision,
      robustPrecision, cleanAUC, robustAUC, meanSize, medianSize, meanQueries, meanGradients, cleanVideoAccuracy,
      robustVideoAccuracy,
    ] {
      row.add(value)
    }
    for count in [
      detection?.clean.frames, detection?.clean.withFaces, detection?.perturbed.withFaces, detection?.clean.gaps,
      detection?.perturbed.gaps,
    ] {
      row.add(count)
    }
    return row
  }
}
