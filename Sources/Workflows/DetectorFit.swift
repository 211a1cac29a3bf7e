import Metrics
import Models

/// Calibration and thresholds of a network, fitted to what it says of the validation part.
struct DetectorFit {
  let calibration: DetectorModel.Calibration
  let thresholds: DetectorModel.Thresholds
  /// AUC and log loss there, for the model card.
  let figures: [ModelCard.Figure]

  /// Undecided is the stretch between the threshold of the best balanced accuracy and the one from which on 95 % of
  /// what is flagged is fake.
  ///
  /// - Parameter prevalence: share of fakes that scores are to be probabilities for; nil takes that of the logits.
  /// - Throws: `WorkflowError.training` when the logits do not tell fake from real.
  init(_ logits: ScoredLabels, prevalence: Double? = nil) throws(WorkflowError) {
    guard var platt = PlattCalibration.fit(logits), platt.slope > 0 else {
      throw .training("the network did not learn to tell fake from real: train longer or check the labels")
    }
    if let prevalence {
      platt = platt.adapted(fromPrevalence: Double(logits.positives) / Double(logits.count), to: prevalence)
    }
    let isAdapted = prevalence != nil
    let scores = ScoredLabels(scores: logits.scores.map(platt.probability), labels: logits.labels)
    let curve = ThresholdCurve(scores)
    let middle = min(max(curve.thresholdForBalancedAccuracy ?? 0.5, 0), 1)
    let sure = min(max(curve.threshold(forPrecision: 0.95, minimumFlagged: 20) ?? middle, middle), 1)
    calibration = .init(scale: platt.slope, offset: platt.offset)
    thresholds = .init(real: middle, fake: sure)
    // With another prevalence in mind the log loss here says nothing.
    figures = [("AUC", curve.auc), ("log loss", isAdapted ? nil : scores.logLoss())].compactMap { name, value in
      value.map { ModelCard.Figure(name: name, value: $0) }
    }
  }
}
