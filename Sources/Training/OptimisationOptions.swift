package import NeuralNet

/// Optimiser settings of `assay train`.
package struct OptimisationOptions: Sendable {
  package enum Rule: String, Sendable, CaseIterable { case adamw, sgd }

  package var rule = Rule.adamw
  package var learningRate: Float = 0.001
  package var weightDecay: Float = 0.0001
  /// Maximum gradient norm; 0 for no clipping.
  package var clip: Float = 5
  package var labelSmoothing: Float = 0
  /// Loss weight of a fake relative to a real crop.
  package var fakeWeight: Float = 1
  /// Decay of the moving average of the weights; 0 for no averaging.
  package var average: Float = 0
  /// α of the Beta(α, α) distribution for mix-up; 0 for no mix-up.
  package var mixUp: Float = 0

  package init() {}

  var recorded: [String: String] {
    [
      "optimiser": rule.rawValue, "learning-rate": "\(learningRate)", "weight-decay": "\(weightDecay)",
      "clip": "\(clip)", "label-smoothing": "\(labelSmoothing)", "fake-weight": "\(fakeWeight)",
      "average": "\(average)", "mix-up": "\(mixUp)",
    ]
  }

  package func optimiser(state: OptimiserState) -> any Optimiser {
    switch rule {
    case .adamw:
      var settings = Adam.Settings()
      settings.weightDecay = weightDecay
      return Adam(settings, state: state)
    case .sgd:
      var settings = SGD.Settings()
      settings.weightDecay = weightDecay
      return SGD(settings, state: state)
    }
  }
}
