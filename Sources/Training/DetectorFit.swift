package import Metrics
package import Models
package import Runs
package import Verdicts

/// Calibration and thresholds of a network, fitted on its validation logits.
package struct DetectorFit {
  package let calibration: Calibration
  package let thresholds: Thresholds
  /// AUC on the validation part, for the model card.
  package let figures: [ModelCard.Figure]

  /// Takes `VerdictThresholds` of the real crops as thresholds: in every data set at most 2 % of them are judged fake
  /// and at most 10 % undecided.
  ///
  /// - Parameters:
  ///   - datasets: data set of each logit; nil if all belong to one.
  ///   - prevalence: prevalence of fakes that scores are calibrated for, above 0 and below 1.
  /// - Throws: `WorkflowError.training` when the logits do not separate fake from real crops.
  package init(_ logits: ScoredLabels, datasets: [String]? = nil, prevalence: Double = 0.5) throws(WorkflowError) {
    guard var platt = PlattCalibration.fit(logits), platt.slope > 0 else {
      throw .training("the network does not separate fake from real crops: train longer or check the labels")
    }
    platt = platt.adapted(fromPrevalence: Double(logits.positives) / Double(logits.count), to: prevalence)
    let scores = ScoredLabels(scores: logits.scores.map(platt.probability), labels: logits.labels)
    let curve = ThresholdCurve(scores)
    let reals = scores.scores.indices.filter { !scores.labels[$0] }
    let bounds = VerdictThresholds(
      realScores: Dictionary(grouping: reals, by: { datasets?[$0] ?? "" }).mapValues { $0.map { scores.scores[$0] } })
    calibration = .init(scale: platt.slope, offset: platt.offset, prevalence: prevalence)
    thresholds = .init(real: bounds?.real ?? 0.5, fake: bounds?.fake ?? 0.5)
    // No log loss: on data of another prevalence it is meaningless.
    figures = curve.auc.map { [ModelCard.Figure(name: "AUC", value: $0)] } ?? []
  }
}
