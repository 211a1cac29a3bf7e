package import Metrics
package import Models
package import Runs
package import Verdicts

/// Calibration and thresholds of a network, fitted on its validation logits.
package struct DetectorFit {
  package let calibration: Calibration
  package let thresholds: Thresholds
  /// AUC and log loss on the validation part, for the model card.
  package let figures: [ModelCard.Figure]

  /// Takes `VerdictThresholds` of the real crops as thresholds: in every data set at most 2 % of them are judged fake
  /// and at most 10 % undecided.
  ///
  /// - Parameters:
  ///   - datasets: data set of each logit; nil if all belong to one.
  ///   - prevalence: prevalence that scores are calibrated for; nil for that of the logits.
  /// - Throws: `WorkflowError.training` when the logits do not separate fake from real crops.
  package init(_ logits: ScoredLabels, datasets: [String]? = nil, prevalence: Double? = nil) throws(WorkflowError) {
    guard var platt = PlattCalibration.fit(logits), platt.slope > 0 else {
      throw .training("the network does not separate fake from real crops: train longer or check the labels")
    }
    if let prevalence {
      platt = platt.adapted(fromPrevalence: Double(logits.positives) / Double(logits.count), to: prevalence)
    }
    let isAdapted = prevalence != nil
    let scores = ScoredLabels(scores: logits.scores.map(platt.probability), labels: logits.labels)
    let curve = ThresholdCurve(scores)
    let reals = scores.scores.indices.filter { !scores.labels[$0] }
    let bounds = VerdictThresholds(
      realScores: Dictionary(grouping: reals, by: { datasets?[$0] ?? "" }).mapValues { $0.map { scores.scores[$0] } })
    calibration = .init(scale: platt.slope, offset: platt.offset)
    thresholds = .init(real: bounds?.real ?? 0.5, fake: bounds?.fake ?? 0.5)
    // The log loss on this data is meaningless for another prevalence.
    figures = [("AUC", curve.auc), ("log loss", isAdapted ? nil : scores.logLoss())].compactMap { name, value in
      value.map { ModelCard.Figure(name: name, value: $0) }
    }
  }
}
